"""Signatures (签名), templates (模板) and matching a text against them."""
