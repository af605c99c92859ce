"""Takes the models of an operator's list over into rows, which operators change in the admin from then on.

`wanted` says what the list asks for, `plan` compares it with the rows, `writing` does it, `words` shows it.
"""
