"""Limits: who may not be written to."""
