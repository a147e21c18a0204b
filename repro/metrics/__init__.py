"""One module per metric: pure functions of arrays."""
