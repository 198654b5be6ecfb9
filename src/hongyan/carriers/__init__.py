"""One file a protocol: a segment becomes PDUs, and what comes back becomes results."""
