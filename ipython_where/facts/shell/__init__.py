"""What `!pip`, `!python` and `!uv` reach in the shell that `!` starts."""
