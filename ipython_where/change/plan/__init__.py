"""The proof that nothing is to be done, the plan, what speaks against it, and the verdict."""
