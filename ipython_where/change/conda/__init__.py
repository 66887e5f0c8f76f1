"""Changing a conda environment: `%safeconda`, solved and linked by py-rattler, swapped by the same transactions."""
