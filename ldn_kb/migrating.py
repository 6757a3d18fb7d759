"""Steps that the migrations of several rooms take. A step that was taken somewhere never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

EDITORS = "Editors"


class Together(Operation):
    """Operations whose models are drawn once for all of them.

    Django draws all models that lean on a changed one anew at each operation; for the tables and triggers
    of a whole room that takes ten times as long as the database does. Not for operations of which one
    needs the models as another has left them.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,  # noqa: ARG002 - called so
    ) -> None:
        for operation in reversed(self.operations):
            # What goes is known to the state before alone.
            operation.database_backwards(app_label, schema_editor, from_state, from_state)


def let_editors(room: str, rights: Mapping[str, Sequence[str]]) -> RunPython:
    """The step that gives the group of editors its rights in a room: verbs by model, as Django names both."""
    wanted = [f"{verb}_{model}" for model, verbs in rights.items() for verb in verbs]

    def grant(apps: Apps, schema_editor: Any) -> None:  # noqa: ARG001 - called so
        _make_permissions(apps, room)
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=EDITORS)
        permissions = apps.get_model("auth", "Permission").objects
        for codename in wanted:
            group.permissions.add(permissions.get(content_type__app_label=room, codename=codename))

    def take_back(apps: Apps, schema_editor: Any) -> None:  # noqa: ARG001
        permissions = apps.get_model("auth", "Permission").objects
        for group in apps.get_model("auth", "Group").objects.filter(name=EDITORS):
            group.permissions.remove(*permissions.filter(content_type__app_label=room, codename__in=wanted))

    return RunPython(grant, take_back)


def _make_permissions(apps: Apps, room: str) -> None:
    """Django makes them after all migrations, which is too late for a step that gives them."""
    config = apps.get_app_config(room)
    config.models_module = True  # type: ignore[assignment]  # what a migration knows of a room has none
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
