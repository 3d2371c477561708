"""Proves that the benchmarks run, at a size that says nothing of speed, and name what they measure."""
