"""The life of an answer, in the order of the story.

asking -> reservations, create_run (with concurrency) -> leases -> runner -> job -> loop (with bounds, repeats) -> end_run, usage.
"""
