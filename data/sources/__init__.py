"""What is read from outside: files, places of the world, road engines."""
