"""Unit tests of `hongyan.kit`."""
