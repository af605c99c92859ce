"""Components that tools show: declared by a tool, drawn by Galaxy. What a declaration says is untrusted, and shown as text."""
