"""What each module of SMGP does, alone."""
