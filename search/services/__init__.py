"""Writing and reading the table of search."""
