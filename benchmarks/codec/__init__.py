"""What a CMPP message costs in the codec and over a link."""
