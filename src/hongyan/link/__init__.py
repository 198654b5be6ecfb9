"""Asyncio shells around the sans-IO sessions: client, listener, pacing."""
