"""The world of a replay: orders and signals from files, and plain defaults for what they lack."""
