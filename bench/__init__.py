"""`make bench`: what Galaxy adds to a stream, beside a bare relay on the same work. Everything stays on 127.0.0.1."""
