"""Storage: connections to PostgreSQL and Redis, single-use rows, deletion in batches, storable text."""
