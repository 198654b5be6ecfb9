"""Unit tests of `hongyan.text`."""
