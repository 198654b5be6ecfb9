"""The small things everything stands on: clock, ids, money, secrets, the base error."""
