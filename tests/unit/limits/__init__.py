"""Unit tests of `hongyan.limits`."""
