"""The door of who runs a space: leases asked for, goods received, counted, picked and packed."""
