"""The variables and settings that steer pip, uv and the import system: one reader for each source."""
