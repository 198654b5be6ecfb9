"""SGIP's own modules."""
