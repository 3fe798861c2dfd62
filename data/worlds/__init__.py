"""Worlds of the twin as files: what may stand in one, reading, writing, and drawing new ones."""
