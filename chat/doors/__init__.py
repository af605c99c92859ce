"""Where clients come in: the socket, event streams, REST, and the pages with their forms."""
