"""Everything that tries to break Hongyan."""
