"""New figures: from documents and official services, shown, checked and offered to data/raw by hand."""
