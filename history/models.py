"""What each row of the kept tables was, and from when on: written by triggers of the database alone."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from pghistory.models import Event

GONE = "delete"

# Where the rows to be kept come from, by the kind of statement. An update's is an outer join, though no row
# is without its partner: PostgreSQL never does that row by row, however few they were when it planned, which
# it does once for a session.
ROWS_OF = {
    pgtrigger.Insert: "new_rows",
    pgtrigger.Update: "old_rows FULL JOIN new_rows ON new_rows.id = old_rows.id",
    pgtrigger.Delete: "old_rows",
}
# What PostgreSQL hands to a trigger of each kind of statement, and what it is called there.
HANDED = {
    pgtrigger.Insert: pgtrigger.Referencing(new="new_rows"),
    pgtrigger.Update: pgtrigger.Referencing(old="old_rows", new="new_rows"),
    pgtrigger.Delete: pgtrigger.Referencing(old="old_rows"),
}


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
        EveryStatement("write"),
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
    KEPT[model._meta.db_table] = row


def _number(field: Any) -> models.BigIntegerField[Any, Any]:
    """A foreign key as the number that it is: what it led to may be gone."""
    return models.BigIntegerField(null=True, db_column=field.column, db_index=True)


class EveryStatement(pghistory.Tracker):
    """Keeps what insert, update, delete and truncate leave, once for all rows of a statement."""

    def setup(self, event_model: type[Row]) -> None:
        watched: Any = event_model.pgh_tracked_model
        pgtrigger.register(
            *(_keep_after(kind, event_model) for kind in ROWS_OF),
            _keep_before_truncation(event_model, watched._meta.db_table),
        )(watched)


def _keep_after(kind: pgtrigger.Operation, row: type[Row]) -> pgtrigger.Trigger:
    handed, label = HANDED[kind], str(kind).lower()
    columns = columns_of(row)
    old, new = (", ".join(f'{rows}."{column}"' for column in columns) for rows in ("old_rows", "new_rows"))
    left = f"SELECT now(), '{label}', {new if handed.new else old} FROM {ROWS_OF[kind]}"  # noqa: S608 - our own names
    changed = f" WHERE ({old}) IS DISTINCT FROM ({new})" if handed.old and handed.new else ""
    return pgtrigger.Trigger(
        name=f"{label}_{label}",
        operation=kind,
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        referencing=handed,
        func=f"{_insert_into(row)} {left}{changed}; RETURN NULL;",
    )


def _keep_before_truncation(row: type[Row], table: str) -> pgtrigger.Trigger:
    """TRUNCATE hands over no rows: they are noted as gone before it."""
    columns = ", ".join(f'"{column}"' for column in columns_of(row))
    return pgtrigger.Trigger(
        name="truncate_truncate",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func=f"{_insert_into(row)} SELECT now(), '{GONE}', {columns} FROM \"{table}\"; RETURN NULL;",  # noqa: S608
    )


def _insert_into(row: type[Row]) -> str:
    columns = ", ".join(f'"{column}"' for column in columns_of(row))
    return f'INSERT INTO "{row._meta.db_table}" (pgh_created_at, pgh_label, {columns})'


def columns_of(row: type[Row]) -> list[str]:
    """The columns that a kept row has in common with the row it was."""
    return [str(field.column) for field in row._meta.local_fields if not field.name.startswith("pgh_")]
