"""Hongyan 鸿雁: a self-hosted 106 SMS platform."""
