"""Tests of what the pipeline decides without a database."""
