"""Proves that bad input is refused before anything is sent, by an error that names the argument."""
