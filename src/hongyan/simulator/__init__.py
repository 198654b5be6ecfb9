"""Carriers that behave, misbehave and report; and the sandbox phone.

A stranger to the platform: it shares the wire with it and nothing else, so that it can judge it.
"""
