"""What Surgeport remembers and what it reads."""
