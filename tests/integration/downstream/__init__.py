"""Customers on real sockets, against the servers that they log in to."""
