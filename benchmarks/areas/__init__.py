"""What the look-ups of intake cost, each by itself."""
