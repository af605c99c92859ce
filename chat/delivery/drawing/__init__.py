"""An answer as a page shows it: its pieces in the order in which they were made, and their HTML.

The same pieces are made from stored parts (`of_parts`) and from a run's frames (`of_frames`), so that a page that was there
from the beginning shows what a reload shows.
"""
