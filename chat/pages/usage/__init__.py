"""The use of models: counted by the database (`figures`), and put together for a page (`report`)."""
