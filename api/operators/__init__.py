"""The operators' door: keys, settings and the health of the house."""
