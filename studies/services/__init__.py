"""Every write to the facts, each in one transaction and safe to run twice."""
