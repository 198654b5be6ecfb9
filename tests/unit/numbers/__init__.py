"""Unit tests of `hongyan.numbers`."""
