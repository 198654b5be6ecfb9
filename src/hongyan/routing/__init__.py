"""Channels (通道) and the routes (路由) that choose between them."""
