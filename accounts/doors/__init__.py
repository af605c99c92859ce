"""Entry points of accounts: addresses, REST, settings pages and the daily tasks."""
