"""`hongyan.routing` on a real PostgreSQL."""
