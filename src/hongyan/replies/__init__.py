"""Replies: what phones send back, whose it is, and what it says."""
