"""Every write to conditions, claims and safety facts, and the corpus as a whole."""
