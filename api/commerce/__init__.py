"""The door of shops: what can be promised, orders, and what became of the promises."""
