"""Implementations that are not ours, as peers of ours."""
