"""Short requests to a model beside the answers: for the titles of conversations, and for follow-up questions.

They begin when an answer has ended, in the runner's process, and no answer waits for them. One that fails changes nothing.
"""
