"""What each module of CMPP does, alone."""
