"""Tests of how messages become PDUs and back."""
