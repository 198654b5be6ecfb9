"""Settings, roles, the supervisor and the composition root."""
