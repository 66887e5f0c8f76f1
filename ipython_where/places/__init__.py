"""Readers of the places where code runs: the kernel, the shell, the server, other environments on this machine."""
