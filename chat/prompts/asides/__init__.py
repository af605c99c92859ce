"""Short requests to a model beside the answers: the titles of conversations, and questions to go on with.

They begin when an answer has ended, in the runner's process, and no answer waits for them. One that fails leaves all as it was.
"""
