"""What each row of the kept tables was, and from when on: written by triggers of the database alone."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from pghistory.models import Event

GONE = "delete"


class Row(Event):
    """A row as it was from the beginning of a transaction on, or that it was gone from then on."""

    pgh_id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True


KEPT: dict[str, type[Row]] = {}


def keep(model: type[models.Model], fields: list[str]) -> None:
    """Keep every state of the model's rows in a table of their own, from triggers that no write can avoid.

    The triggers stand on a proxy in this room, so that `makemigrations` writes them into this room's
    migrations, beside the table that they fill.
    """
    own: dict[str, Any] = {"proxy": True, "app_label": "history", "default_permissions": ()}
    name = f"{model._meta.app_label.title()}{model.__name__}"
    attributes = {"__module__": __name__, "Meta": type("Meta", (), own)}
    proxy: Any = type(f"{name}Watched", (model,), attributes)
    # The library says of its None that it is none of the kinds it takes.
    nothing: Any = None
    row: Any = pghistory.create_event_model(
        proxy,
        pghistory.InsertEvent(level=pgtrigger.Statement),
        pghistory.UpdateEvent(level=pgtrigger.Statement),
        pghistory.DeleteEvent(level=pgtrigger.Statement),
        fields=fields,
        obj_field=nothing,
        context_field=nothing,
        append_only=True,
        base_model=Row,
        app_label="history",
        model_name=f"{name}Row",
        abstract=False,
        attrs={
            field.name: _number(field)
            for field in model._meta.local_fields
            if field.name in fields and field.is_relation
        },
        meta={
            "default_permissions": (),
            "indexes": [
                models.Index(fields=["id", "pgh_id"], name=f"h_{model.__name__.lower()}_row"[:30]),
                BrinIndex(fields=["pgh_created_at"], name=f"h_{model.__name__.lower()}_at"[:30]),
            ],
        },
    )
    pgtrigger.register(_note_truncation(proxy, row))(proxy)
    KEPT[model._meta.db_table] = row


def _number(field: Any) -> models.BigIntegerField[Any, Any]:
    """A foreign key as the number that it is: what it led to may be gone."""
    return models.BigIntegerField(null=True, db_column=field.column, db_index=True)


def _note_truncation(proxy: type[models.Model], row: type[Row]) -> pgtrigger.Trigger:
    """TRUNCATE fires no trigger of a row: its rows are noted as gone before it."""
    columns = ", ".join(f'"{column}"' for column in columns_of(row))
    table = proxy._meta.db_table
    return pgtrigger.Trigger(
        name="truncate_truncate",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func=f"""
            INSERT INTO "{row._meta.db_table}" (pgh_created_at, pgh_label, {columns})
            SELECT now(), '{GONE}', {columns} FROM "{table}";
            RETURN NULL;
        """,  # noqa: S608 - names of our own tables
    )


def columns_of(row: type[Row]) -> list[str]:
    """The columns that a kept row has in common with the row it was."""
    return [str(field.column) for field in row._meta.local_fields if not field.name.startswith("pgh_")]
