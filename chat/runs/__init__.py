"""The life of an answer, in the order of the story: each name is a module.

question, asking: what is asked, and the public face. reservations, concurrency, create_run: what it may take, and its row.
leases, runner, job: who works on it. loop, bounds, repeats: the model asked, within limits. usage, end_run, give_up: its end.
"""
