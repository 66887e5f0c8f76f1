"""How quick the answers are, side by side with what else could give them: `make bench`, or ``python -m benchmarks --help``.

Each case runs in an interpreter of its own, first call and repeated, in environments of about 20, 200, 1000 and 5000
distributions; the cases take turns, so that a noisy machine disturbs all of them alike, and medians of CPU time are shown.
Compare figures of one run alone. A goal that is missed is said, and is no failure.
"""
