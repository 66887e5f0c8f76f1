"""Installing into the kernel's environment: planned, staged, swapped in whole or not at all, and undone."""
