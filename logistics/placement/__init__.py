"""Placement: which temporary nodes to open, when, with how much stock, and how they close.

`problem` is the question, `plan` the answer, `rules` what every answer must keep, and `solver`
the only room that knows OR-Tools. Start with `problem`.
"""
