"""How new figures get into data/raw: documents and answers read, checked, shown, and written together."""
