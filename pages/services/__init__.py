"""Pages published as finished bytes: made when the records change, read without rendering."""
