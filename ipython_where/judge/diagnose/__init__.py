"""From facts to findings: what is wrong, with evidence and a hint that can be pasted."""
