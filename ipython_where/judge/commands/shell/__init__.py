"""How a shell would run a script: parse it, expand it, and follow it to every program that it starts."""
