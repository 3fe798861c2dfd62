"""The business of Surgeport: from a video's signal to a delivered order."""
