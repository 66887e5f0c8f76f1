"""The steps around a change: side effects, file clashes, builds, repairs, the Jupyter page."""
