"""What readers send, what editors answer, and what a reading list shows."""
