"""Carrier protocols without sockets or clocks: fields, layout, framing, sessions."""
