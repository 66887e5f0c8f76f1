"""The front ends as a person uses them: browsers, terminals, programs that run notebooks. `make test-frontends` runs it."""
