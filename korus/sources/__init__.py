"""New figures from the official services: asked for politely, checked, and offered to data/raw by hand."""
