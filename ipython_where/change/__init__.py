"""The only wing that writes: what `%safepip` does, from a line to its verdict."""
