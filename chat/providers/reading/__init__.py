"""Reading of answers: a server's bytes become typed values. Pure: nothing here knows a socket."""
