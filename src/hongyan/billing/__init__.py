"""Balances (余额) and the ledger (流水): hold, post, void."""
