"""Unit tests of `hongyan.accounts`."""
