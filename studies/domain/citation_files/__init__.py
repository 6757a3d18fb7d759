"""Files of citations, as reference managers and databases write them: bytes in, records or reasons out."""
