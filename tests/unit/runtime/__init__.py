"""Settings, logs and the small parts of the supervisor."""
