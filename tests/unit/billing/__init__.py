"""Unit tests of `hongyan.billing`."""
