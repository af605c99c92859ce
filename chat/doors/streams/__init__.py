"""Event streams: the frames of runs, and the hints to open pages; and how the API describes them."""
