"""How a shell would run a script: parsed, expanded, followed to each program that it starts."""
