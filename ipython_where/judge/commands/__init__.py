"""What a shell command would change: the package managers in it, and whose environment they serve."""
