"""Where customers log in by a carrier protocol: their submits come in, their reports and replies go out."""
