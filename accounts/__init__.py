"""The ground floor: people, their rights, and a record of their actions."""
