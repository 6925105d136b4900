"""Questions put to models: one looked into, or many compared."""
