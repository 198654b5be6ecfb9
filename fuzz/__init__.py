"""Fuzzing: octets that nobody meant, and what must hold for them all the same."""
