"""Proves that type checkers accept what is right and refuse each wrong line."""
