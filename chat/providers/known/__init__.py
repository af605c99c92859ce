"""Known providers and models: their names, addresses, prices, the list of the operator, and what is found by asking."""
