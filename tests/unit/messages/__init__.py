"""Messages: words, masks and the timeline."""
