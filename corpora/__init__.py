"""What the models learn from, and how comment files are read."""
