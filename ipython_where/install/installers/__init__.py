"""The installers, one file each behind one Protocol: they build argument lists and understand answers; they run
nothing.
"""
