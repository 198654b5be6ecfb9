"""SGIP 1.2 (China Unicom)."""
