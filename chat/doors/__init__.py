"""Entrances for clients: the socket, event streams, REST, and the pages with their forms."""
