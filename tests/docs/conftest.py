"""Proves that every block of every page runs as it stands, from top to bottom, against an emulator."""
