"""Unit tests of `hongyan.http.ops`."""
