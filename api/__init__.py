"""Every door of the service: HTTP, console, clock, command line."""
