"""The doors of Surgeport: HTTP, console, clock, command line."""
