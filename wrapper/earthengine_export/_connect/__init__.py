"""How requests travel: HTTP, credentials, and what each fault is."""
