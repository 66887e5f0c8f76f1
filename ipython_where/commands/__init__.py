"""What a shell command would change: from its text to the package managers that it starts, and whose environment they serve."""
