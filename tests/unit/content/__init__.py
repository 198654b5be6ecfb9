"""Unit tests of `hongyan.content`."""
