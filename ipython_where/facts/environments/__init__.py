"""The other environments on this machine, what is in them, and the package managers that can change one."""
