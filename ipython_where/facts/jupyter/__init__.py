"""Jupyter's side: the kernelspec, the server, its settings, and a package's parts there."""
