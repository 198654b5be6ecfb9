"""The market API, byte for byte: the seed's send endpoint and its key-pair authentication."""
