"""`hongyan.accounts` on a real PostgreSQL."""
