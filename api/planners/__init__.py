"""The door of planners: what is believed, what is asked of them, and what stands where."""
