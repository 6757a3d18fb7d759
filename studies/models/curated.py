"""What every entry of the corpus carries so that an editor's change is never overwritten."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models


class RecordEncoder(json.JSONEncoder):
    """JSON in which a decimal number keeps its digits."""

    def default(self, o: Any) -> Any:
        return {"decimal": str(o)} if isinstance(o, Decimal) else super().default(o)


class RecordDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(object_hook=_read_decimal, **options)


def _read_decimal(value: dict[str, Any]) -> Any:
    return Decimal(value["decimal"]) if value.keys() == {"decimal"} else value


def record_json(**options: Any) -> models.JSONField:
    """A column for a piece of a record, with its numbers as printed."""
    return models.JSONField(encoder=RecordEncoder, decoder=RecordDecoder, null=True, blank=True, **options)


def text_list(**options: Any) -> ArrayField[Any, Any]:
    """A column that holds an ordered list of short texts."""
    return ArrayField(models.TextField(), default=list, blank=True, **options)


class CuratedModel(models.Model):
    """A row that a corpus file may fill and an editor may change."""

    loaded_record = record_json(
        editable=False,
        help_text="The entry as last loaded from the corpus; what differs from it an editor has changed.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
