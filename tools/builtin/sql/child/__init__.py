"""The job of queries, in a process of its own. It knows neither Django nor Galaxy's database."""
