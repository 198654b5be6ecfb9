"""The parts of SMPP."""
