"""A made-up day in real places: the same deeds against a world that nobody tells them about."""
