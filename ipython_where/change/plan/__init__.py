"""The proof that nothing has to be done, the plan, its findings, and the verdict."""
