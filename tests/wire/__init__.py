"""The wire against captured frames, damage, chance and time."""
