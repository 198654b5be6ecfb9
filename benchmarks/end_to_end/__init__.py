"""The whole road under load: real processes, real PostgreSQL, real carrier connections."""
