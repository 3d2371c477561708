"""The files of exports: which they are, and how they come here."""
