"""The simulator piece by piece, without sockets."""
