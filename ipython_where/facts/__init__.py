"""Reads, and decides nothing: one folder for each thing that is read. A reader takes its world as arguments."""
