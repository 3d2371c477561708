"""What this library costs, beside others that do the same; `make bench` runs it and writes results.md."""
