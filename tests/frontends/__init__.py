"""The front ends as a person uses them: browsers, terminals and the programs that run notebooks. `make test-frontends` runs it."""
