"""Each protocol with us as the carrier, alone."""
