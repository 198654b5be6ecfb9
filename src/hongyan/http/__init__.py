"""HTTP surfaces and the server shell in front of them."""
