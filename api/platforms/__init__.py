"""The door of platforms: what is watched, which videos there are, and what they sell."""
