"""What IPython is given: the guard, hints, progress, completion, and what `%config` sets."""
