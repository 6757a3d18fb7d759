"""What is kept: every public row, by triggers that no write avoids, in tables that nobody changes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from conditions.models import Release
from history.apps import KEPT_ROOMS, LEFT_OUT, NOT_KEPT
from history.models import KEPT, columns_of
from history.services.reading import HistoryNotReadyError, read_beginning, standing_as_of
from history.services.views import SCHEMA, drop_views, make_views
from studies.models import Arm, Study
from tests import make
from tests.api_calls import get, schema
from tests.history.days import RESOURCES, day_before

pytestmark = pytest.mark.django_db


def today() -> date:
    return datetime.now(UTC).date()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def save_each() -> None:
    for study in Study.objects.all():
        study.title = "Z"
        study.save()


def update_in_bulk() -> None:
    Study.objects.bulk_update([Study(pk=study.pk, title="Z") for study in Study.objects.all()], ["title"])


def create_in_bulk() -> None:
    new = {"key": "new2020", "title": "New", "conclusion": "C", "design": "case_report"}
    Study.objects.bulk_create([Study(**new, status="published")])


WRITES = {
    "a queryset's update": lambda: Study.objects.update(title="Z"),
    "save": save_each,
    "bulk_update": update_in_bulk,
    "bulk_create": create_in_bulk,
    "SQL": lambda: run("UPDATE studies_study SET title = 'Z'"),
    "a queryset's delete": lambda: Study.objects.all().delete(),
    "SQL that deletes": lambda: run("DELETE FROM studies_dose; DELETE FROM studies_arm"),
    "TRUNCATE": lambda: run("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE studies_study CASCADE"),
}


@pytest.mark.parametrize("way", WRITES)
def test_no_way_of_writing_escapes(way):
    make.make_arm(make.make_study(), dose_mg="4.5")
    WRITES[way]()
    present = list(Study.objects.values_list("pk", "title")), list(Arm.objects.values_list("pk", "name"))
    with standing_as_of(today()):
        kept = list(Study.objects.values_list("pk", "title")), list(Arm.objects.values_list("pk", "name"))
    assert kept == present


def test_what_is_kept_is_changed_and_removed_by_nobody():
    make.make_study()
    for sql in ("UPDATE history_studiesstudyrow SET title = 'Z'", "DELETE FROM history_studiesstudyrow"):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            run(sql)


def test_an_equal_row_and_a_column_that_no_document_shows_are_no_news():
    study = make.make_study()
    rows = KEPT["studies_study"].objects
    before = rows.count()
    Study.objects.update(title=study.title)
    Study.objects.update(answered_status="retracted", loaded_record={"a": 1})
    assert rows.count() == before


def test_what_was_there_when_history_began_is_kept_as_it_was_then():
    study = make.make_study()
    make.make_arm(study, dose_mg="4.5")
    run("SET CONSTRAINTS ALL IMMEDIATE; DROP FUNCTION history_began()")
    for row in KEPT.values():
        run(f"TRUNCATE {row._meta.db_table}")
    with connection.schema_editor() as editor:
        import_module("history.migrations.0002_beginning").begin(apps, editor)
    assert read_beginning().date() == today()
    present = list(Study.objects.values("pk", "title", "key")), list(Arm.objects.values("pk", "name"))
    with standing_as_of(today()):
        assert (
            list(Study.objects.values("pk", "title", "key")),
            list(Arm.objects.values("pk", "name")),
        ) == present


def test_every_table_of_the_rooms_is_kept_or_named_as_one_that_need_not_be():
    models = [
        m for room in KEPT_ROOMS for m in apps.get_app_config(room).get_models(include_auto_created=True)
    ]
    assert {m._meta.label_lower for m in models if m._meta.db_table not in KEPT} == NOT_KEPT
    assert LEFT_OUT.keys() <= {m._meta.label_lower for m in models}


def test_no_trigger_compares_all_old_rows_with_all_new_ones():
    """PostgreSQL plans a trigger's join once for a session, for the few rows of its first statement.

    Row by row, as it then does an inner one, a later statement over a hundred thousand rows would take hours.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgoldtable IS NOT NULL AND tgnewtable IS NOT NULL"
        )
        join = re.compile(r"old_\w+(?: AS \w+)? (\w+) JOIN new_\w+ ")
        joins = {name: join.findall(source) for name, source in cursor.fetchall()}
    assert len(joins) > 60
    assert {name: kinds for name, kinds in joins.items() if kinds != ["FULL"]} == {}


def test_the_views_have_the_columns_of_their_tables_in_names_and_types():
    columns = (
        "SELECT table_name, column_name, data_type, udt_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = ANY(%s) ORDER BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        found = []
        for name in (cursor.fetchone()[0], SCHEMA):
            cursor.execute(columns, [name, list(KEPT)])
            found.append(cursor.fetchall())
    assert found[0] == found[1]


def test_in_the_past_nothing_else_can_be_read_and_nothing_written():
    make.make_study()
    with pytest.raises(DatabaseError, match="does not exist"), standing_as_of(today()):
        Release.objects.count()
    for write in (lambda: Study.objects.update(title="Z"), lambda: make.make_condition()):
        with pytest.raises(DatabaseError), standing_as_of(today()):
            write()
    assert Study.objects.filter(title="Z").count() == 0


@pytest.mark.parametrize("name", RESOURCES)
def test_while_the_tables_are_being_changed_the_past_is_refused_and_never_the_present_given(client, name):
    drop_views()
    answer = get(client, f"{name}/?as_of={day_before(0)}", status=503)
    assert "Ask again" in answer["detail"]
    with pytest.raises(HistoryNotReadyError):
        read_beginning()


def test_migrating_makes_the_views_anew_and_only_where_they_are_not_as_they_should_be():
    assert make_views() is False
    drop_views()
    call_command("migrate", verbosity=0)
    assert make_views() is False
    run(f"COMMENT ON SCHEMA {SCHEMA} IS 'of other models'")
    call_command("migrate", verbosity=0)
    assert make_views() is False


def test_no_column_that_a_kept_row_leaves_out_is_in_the_schema_of_the_api():
    """They are empty in the past: an answer with one of them would say that there was nothing."""
    said = {
        name for part in schema()["components"]["schemas"].values() for name in part.get("properties", {})
    }
    hidden = {name for names in LEFT_OUT.values() for name in names} | {"loaded_record"}
    assert hidden & said <= {"detail"}  # of problems
    assert all(not re.search("password", column) for row in KEPT.values() for column in columns_of(row))
