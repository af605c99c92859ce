"""Exact calculation: a text becomes tokens (`syntax`), is computed as it is read (`calculator`), and worded (`wording`).

Nothing of it is ever run as code. Numbers are fractions, and so small (`numbers`) that no step takes time or memory.
"""
