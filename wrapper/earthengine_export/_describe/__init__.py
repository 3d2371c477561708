"""What an export is: pure values, checked when they are made; no I/O."""
