"""The market API over real TCP, byte for byte."""
