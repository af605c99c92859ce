"""Work in processes that may be killed: it reads what strangers wrote, and no input may hold up or bring down Galaxy.

A job is a module with `answer(message: bytes) -> bytes`, which knows neither Django nor Galaxy's database, and `SECONDS`, the
time that one answer may take. `pool` asks it, `__main__` is the process. Time, memory and files are limited (`limits`); a
cancelled question ends with its process.
"""
