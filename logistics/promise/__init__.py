"""Promises to buyers: what a quote reads, how it is computed, what became of it."""
