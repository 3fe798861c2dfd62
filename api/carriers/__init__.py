"""The door of carriers: routes that are offered, driven and reported."""
