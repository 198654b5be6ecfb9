"""Unit tests of `hongyan.http`."""
