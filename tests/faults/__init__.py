"""Kills installs of every kind at every moment, and counts what is whole afterwards: `python -m tests.faults`."""
