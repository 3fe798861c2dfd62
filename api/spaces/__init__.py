"""The door of whoever runs a space: leases asked of them, goods received, counted and picked."""
