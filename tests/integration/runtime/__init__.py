"""The platform as processes: started, killed, drained, refused."""
