"""Unit tests of `hongyan.routing`."""
