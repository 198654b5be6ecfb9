"""Unit tests of `hongyan.http.market`."""
