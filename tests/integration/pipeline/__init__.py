"""Tests of the life of a message, on a real database and over real connections."""
