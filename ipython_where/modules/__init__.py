"""Readers of modules and distributions: found without importing, from the files that the import system reads."""
