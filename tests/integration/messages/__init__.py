"""Messages read back from rows that the real pipeline wrote."""
