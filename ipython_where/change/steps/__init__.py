"""What surrounds a change: side effects, files that it meets, builds, repairs, the Jupyter page."""
