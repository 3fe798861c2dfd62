"""The platforms' door: videos, products and the counts of what viewers did, never who they were."""
