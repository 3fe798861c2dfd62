"""The door of operators: markets, products, sites, carriers, opening stock, keys, settings."""
