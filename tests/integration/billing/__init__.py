"""`hongyan.billing` on a real PostgreSQL."""
