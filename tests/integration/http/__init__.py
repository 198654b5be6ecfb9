"""HTTP against a real database."""
