"""How an export runs: flows that know no I/O, the policy, and the two drivers that run them."""
