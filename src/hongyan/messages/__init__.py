"""Messages (短信): their states, rows and timelines."""
