"""Jupyter's side: the kernelspec, the server, its settings, the parts that a package has there."""
