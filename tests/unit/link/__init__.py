"""What each module of the links does, alone."""
