"""How quick the answers are, side by side with what else could give them: `make bench`, or ``python -m benchmarks --help``.

`%where`: each case runs in an interpreter of its own, first call and repeated, in environments of about 20, 200, 1000 and
5000 distributions, and medians of CPU time are shown. `%safepip`: each install goes into a fresh copy of one environment,
beside bare pip and bare uv, by wall clock and CPU time. The cases take turns, so that a noisy machine disturbs all alike.
Compare figures of one run alone. A goal that is missed is said, and is no failure.
"""
