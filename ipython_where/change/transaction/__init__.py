"""Changes an environment all or nothing: journal, locks, stage, swap, undo, recovery."""
