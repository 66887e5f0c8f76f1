"""A `%safepip` line or cell, understood: what is asked for, and with which options."""
