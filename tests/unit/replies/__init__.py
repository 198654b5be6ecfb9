"""Unit tests of `hongyan.replies`."""
