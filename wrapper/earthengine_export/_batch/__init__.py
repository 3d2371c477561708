"""How thousands of exports run: the journal, the pace, the engine, the sorting of failures, the report."""
