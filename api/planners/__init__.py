"""The planners' door: what is recommended, what they say to it, and what came of it."""
