"""Web pages as text: decoding (`charsets`), the part that matters (`main_part`), and Markdown of it (`markdown`)."""
