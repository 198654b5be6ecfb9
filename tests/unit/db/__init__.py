"""What of the database needs none."""
