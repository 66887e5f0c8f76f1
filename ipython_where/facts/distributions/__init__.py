"""What is installed: metadata, RECORD, requirements and requirements files, lock files, wheels on this machine."""
