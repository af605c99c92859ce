"""A run's calls of tools: making them (`run_tools`), and waiting for a person's decision about one (`waits`)."""
