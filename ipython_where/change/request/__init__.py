"""Parses a `%safepip` line, cell or file: what is requested, and with which options."""
