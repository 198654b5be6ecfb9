"""The same behaviours, asked of every surface."""
