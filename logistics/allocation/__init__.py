"""Allocation: which node serves which order, stock and picking being finite.

`problem` is the question, `plan` the answer, `rules` what every answer must keep, and `solver`
the only room that knows OR-Tools.
"""
