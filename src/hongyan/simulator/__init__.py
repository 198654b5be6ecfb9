"""Carriers that behave, misbehave and report; and the sandbox phone."""
