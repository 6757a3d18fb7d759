"""Reading the past: the tables as they stood at the end of a day."""
