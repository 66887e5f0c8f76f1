"""Questions and their answers: each module reads, judges and returns one value, which the edges show."""
