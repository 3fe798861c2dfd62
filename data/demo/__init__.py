"""A small readable world: three metros, four products, six videos, three days."""
