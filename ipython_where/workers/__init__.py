"""Clusters: the same questions asked of many interpreters at once."""
