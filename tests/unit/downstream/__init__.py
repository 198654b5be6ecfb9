"""The downstream servers, without sockets and database."""
