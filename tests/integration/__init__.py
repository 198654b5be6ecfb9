"""Parts together with the real things they stand on: PostgreSQL, sockets, processes."""
