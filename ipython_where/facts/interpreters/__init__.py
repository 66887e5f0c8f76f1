"""What a Python executable, its environment and a running process are: read from files, and asked only if reading fails."""
