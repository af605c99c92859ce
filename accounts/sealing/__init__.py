"""How the vault keeps what it keeps: keys, sealing, changing keys, and the doors for people (accounts.vault is its face)."""
