"""What each role runs, put together from its parts; one file a role."""
