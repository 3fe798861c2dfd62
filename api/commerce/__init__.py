"""The shop's door: what delivery can be promised, orders, and what becomes of each promise."""
