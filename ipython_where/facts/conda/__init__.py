"""What a conda prefix says of itself: which package owns a file, what was asked for, what is pinned, and who made it."""
