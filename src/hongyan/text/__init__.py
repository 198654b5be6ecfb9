"""Texts on the wire: alphabets, segments, user data headers, signatures in 【】."""
