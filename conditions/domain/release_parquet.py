"""Tables as Parquet (https://parquet.apache.org/docs/file-format/), the same bytes for the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet

TYPES = {
    "list of string": pa.list_(pa.string()),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "double": pa.float64(),
    "int64": pa.int64(),
}


def write_parquet(columns: Sequence[tuple[str, str, str]], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a Parquet file; None is null, and a decimal number becomes a double.

    Args:
        columns: of each its name, its type as in TYPES, and its meaning, which the file carries too.
        rows: their values, in the order of the columns.
    """
    fields = [
        pa.field(name, TYPES[kind], metadata={"description": meaning}) for name, kind, meaning in columns
    ]
    by_column = list(zip(*rows, strict=True)) or [() for _ in columns]
    arrays = [
        pa.array([_plain(value) for value in values], field.type)
        for field, values in zip(fields, by_column, strict=True)
    ]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, compression="snappy")
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
