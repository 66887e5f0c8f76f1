"""The commands of `%safepip`, one file each."""
