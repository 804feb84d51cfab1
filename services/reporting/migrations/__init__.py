"""The steps by which the national database came to its present form."""
