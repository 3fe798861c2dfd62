"""Siting: the question that the business puts to placement, and the answer as a planner reads it."""
