"""Accounts (账户) and their API keys (密钥对)."""
