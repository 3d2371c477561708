"""Proves that the rooms of the code are kept apart, and that tests say what they are for."""
