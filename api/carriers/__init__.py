"""The carriers' door: routes offered to them, their answers, and what happens at each stop."""
