"""Event streams: the frames of runs, the hints to open pages, and their description in the API's document."""
