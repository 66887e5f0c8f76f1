"""Modules as `import` finds them, without importing: finders, path entries, owners, what is loaded."""
