"""`hongyan.content` on a real PostgreSQL."""
