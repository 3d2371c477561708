"""Forty kinds of export scripts, as people write them, each with what its result must look like."""
