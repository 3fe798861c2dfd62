"""The deeds of the business, each safe to repeat: sense, position, decide, stock, sell, drive, learn."""
