"""Numbers on a German page look as they do in the records, and a coordinate in a picture stays one."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 0
