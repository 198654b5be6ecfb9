"""Peers that somebody else wrote, as customers of our server and of the simulator, and as carriers of ours.

`make peers` fetches those that are no Python packages into build/peers; where that is not possible, their tests are
skipped and say why.
"""
