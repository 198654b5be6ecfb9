"""SMGP 3.0 (China Telecom)."""
