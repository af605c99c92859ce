"""Code of the child process: it raises the walls around itself, then runs the program. Standard library only, no Galaxy.

Every program waits for its imports, so it loads as little as it can: not `typing`, `pathlib`, `json` and `re` (50 ms together).
Types that only the checker needs stand under `TYPE_CHECKING`, which is False here as it is in `typing`.
"""
