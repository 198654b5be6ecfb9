"""What each module of the wire does, alone."""
