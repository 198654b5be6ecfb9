"""The simulator over real TCP and HTTP on the loopback interface."""
