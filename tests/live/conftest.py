"""Proves that `make live` sees what it says it sees, leaves nothing behind, and gives nothing away.

It runs against the emulator through a proxy, which adds what the emulator has no use for (removing files and
assets) and turns each assumption around.
"""
