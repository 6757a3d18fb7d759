"""Dated releases: whole, the same bytes for the same facts, never changed, and telling what moved and why."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import date, timedelta
from io import StringIO

import pandas
import pyarrow.parquet
import pytest
import yaml
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conditions.domain.release import describe_changes
from conditions.models import ComputedVerdict, Release
from conditions.services.release_columns import TABLES
from conditions.services.releases import build_files, make_release, read_content, read_copies
from fhir_r5.services.collections import KINDS, of_kind
from studies.models import Study
from tests import make
from tests.history.days import day_before, let_days_pass

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)


def small_world() -> Study:
    condition = make.make_condition(name="Gout", slug="gout")
    study = make.make_study(conditions=[condition], key="tester2020", title="A trial, of gout", n_enrolled=31)
    arm = make.make_arm(study, dose_mg="4.50", name="LDN")
    make.make_outcome(
        study, name="Pain", results={"intervention": {"arm": arm, "value": "3.0", "events": 5, "n": 31}}
    )
    make.make_study(conditions=[condition], key="secret2021", title="Not published", status="draft")
    make.make_certainty(condition=condition)
    claim = make.make_claim(statement="It helps against gout")
    ComputedVerdict.objects.create(
        claim=claim,
        word="supported",
        reason="Two trials show it.",
        version="1",
        steps=[],
        computed_at=timezone.now(),
    )
    return study


def files_of(release: Release) -> dict[str, bytes]:
    return {file.name: bytes(file.content) for file in release.files.all()}


def headings_of(files: dict[str, bytes], table: str) -> list[str]:
    return next(csv.reader(io.StringIO(files[f"tables/{table}.csv"].decode())))


def build() -> dict[str, bytes]:
    content = {**read_content(), **read_copies()}
    return build_files(content=content, name="2026-03-01", day=DAY, changes=[], is_first=True)


def rows_of(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))


def test_a_release_holds_the_records_their_tables_and_sums_that_are_right():
    small_world()
    release, is_new = make_release(now=timezone.now())
    files = files_of(release)
    assert is_new
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    archive = zipfile.ZipFile(io.BytesIO(files[f"ldn-kb-{release}.zip"]))
    packed = {entry.split("/", 1)[1]: archive.read(entry) for entry in archive.namelist()}
    assert packed == {name: raw for name, raw in files.items() if not name.endswith(".zip")}
    assert {*packed} - {"SHA256SUMS"} == {
        row.split("  ")[1] for row in files["SHA256SUMS"].decode().splitlines()
    }
    assert yaml.safe_load(files["corpus/studies/tester2020.yaml"])["title"] == "A trial, of gout"
    (study,) = rows_of(files["tables/studies.csv"])
    assert (study["key"], study["n_enrolled"], study["authors"]) == ("tester2020", "31", "Tester A; Helper B")
    (result,) = rows_of(files["tables/results.csv"])
    assert (result["study"], result["value"], result["n"], result["sd"]) == ("tester2020", "3.0", "31", "")
    (arm,) = rows_of(files["tables/arms.csv"])
    assert arm["dose_amount_mg"] == "4.50"


def test_every_table_is_parquet_too_with_the_same_rows_and_true_types():
    small_world()
    files = build()
    for table in TABLES:
        rows = rows_of(files[f"tables/{table.name}.csv"])
        read = pyarrow.parquet.read_table(io.BytesIO(files[f"parquet/{table.name}.parquet"]))
        assert (read.num_rows, read.column_names) == (len(rows), headings_of(files, table.name))
    (study,) = pandas.read_parquet(io.BytesIO(files["parquet/studies.parquet"])).to_dict("records")
    assert (study["n_enrolled"], list(study["authors"])) == (31, ["Tester A", "Helper B"])
    assert pandas.isna(study["doi"])
    (arm,) = pyarrow.parquet.read_table(io.BytesIO(files["parquet/arms.parquet"])).to_pylist()
    assert (arm["dose_amount_mg"], arm["study"]) == (4.5, "tester2020")
    (outcome,) = pyarrow.parquet.read_table(io.BytesIO(files["parquet/outcomes.parquet"])).to_pylist()
    assert (outcome["name"], outcome["position"]) == ("Pain", 0)


def test_the_dictionary_says_of_each_column_what_parquet_makes_of_it():
    small_world()
    files = build()
    names = {
        "list<element: string>": "list of string",
        "date32[day]": "date",
        "timestamp[us, tz=UTC]": "timestamp",
    }
    said = {(row["table"], row["column"]): row for row in rows_of(files["data-dictionary.csv"])}
    for table in TABLES:
        schema = pyarrow.parquet.read_schema(io.BytesIO(files[f"parquet/{table.name}.parquet"]))
        for field in schema:
            row = said[table.name, field.name]
            assert names.get(str(field.type), str(field.type)) == row["parquet"]
            assert field.metadata[b"description"].decode() == row["meaning"]


def test_the_bundle_holds_every_resource_once_and_no_draft():
    study = small_world()
    bundle = json.loads(build()["fhir/bundle.json"])
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(addresses) == len(set(addresses))
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Citation", "Evidence", "EvidenceVariable", "ResearchStudy"} <= kinds
    for kind in KINDS:
        served = [row["id"] for row in of_kind(kind)]
        assert [
            e["resource"]["id"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind
        ] == served
    assert any(study.key in address for address in addresses)


def test_that_a_registry_was_asked_again_makes_no_new_release():
    study = small_world()
    make_release(now=timezone.now())
    at = timezone.now()
    study.registry_checks.create(registry="pubmed", answer="unknown", asked_at=at, next_check_at=at)
    assert make_release(now=timezone.now())[1] is False


def test_the_api_names_the_release_and_says_whether_anything_has_changed_since(client):
    study = small_world()
    address = f"/api/v1/studies/{study.key}/"
    assert "LDN-Release" not in client.get(address)
    let_days_pass(4)
    release, _ = make_release(now=timezone.now() - timedelta(days=3))

    def named(path: str = address) -> tuple[str, str]:
        answer = client.get(path)
        return answer["LDN-Release"], answer["LDN-Release-Changed"]

    assert named() == named("/api/v1/pools/") == (release.name, "false")
    at = timezone.now()
    study.registry_checks.create(registry="pubmed", answer="unknown", asked_at=at, next_check_at=at)
    assert named() == (release.name, "false")
    Study.objects.filter(pk=study.pk).update(title="Another")
    assert named() == (release.name, "true")
    with CaptureQueriesContext(connection) as queries:
        assert named("/api/v1/pools/") == (release.name, "true")
    assert not any("pgh_created_at" in query["sql"] for query in queries), "it stays true: nothing is asked"
    assert named(f"{address}?as_of={day_before(2)}") == (release.name, "false")
    assert named(f"{address}?as_of={day_before(0)}") == (release.name, "true")
    assert "LDN-Release" not in client.get(f"{address}?as_of={day_before(4)}")
    assert "LDN-Release" in client.get(address)["Access-Control-Expose-Headers"]
    # Who has the body already, but from another state, is told of the release too.
    body = client.get(address)["ETag"].partition("-")[2]
    again = client.get(address, headers={"If-None-Match": f'"other-{body}'})
    assert (again.status_code, again["LDN-Release"]) == (304, release.name)


def test_what_is_no_longer_or_not_yet_published_is_in_no_file():
    small_world()
    for name, raw in build().items():
        assert b"secret2021" not in raw, name
        assert b"Not published" not in raw, name


def test_two_runs_over_the_same_data_give_the_same_bytes():
    small_world()
    assert build() == build()
    first, _ = make_release(now=timezone.now())
    again, is_new = make_release(now=timezone.now() + timedelta(days=9))
    assert (again, is_new, Release.objects.count()) == (first, False, 1)


def test_the_rows_of_two_databases_that_were_filled_in_another_order_are_the_same():
    condition = make.make_condition(name="Gout", slug="gout")
    keys = ["aaa2020", "bbb2020"]
    for key in keys:
        make.make_study(conditions=[condition], key=key, title=f"Trial {key}")
    one = build()
    Study.objects.all().delete()
    for key in reversed(keys):
        make.make_study(conditions=[condition], key=key, title=f"Trial {key}")
    assert build() == one


def test_a_second_release_of_a_day_gets_a_number_and_tells_what_moved_and_why():
    study = small_world()
    now = timezone.now()
    make_release(now=now)
    ComputedVerdict.objects.update(word="not_supported", reason="The trial was taken back.")
    Study.objects.filter(pk=study.pk).update(publication_status="retracted")
    second, is_new = make_release(now=now)
    assert is_new
    assert second.name == f"{now:%Y-%m-%d}.2"
    assert second.changes == [
        "verdict of “It helps against gout” moved from “supported” to “not supported” "
        "because the trial was taken back.",
        "publication status of study tester2020 moved from “current” to “retracted”".replace(
            "current", "unknown"
        ),
    ]
    said = files_of(second)["CHANGES.md"].decode()
    assert all(f"- {line}" in said for line in second.changes)


def test_what_came_and_went_is_told():
    one = {"answers": {}, "studies": {"a": {"title": "A", "publication_status": "current", "sha256": "1"}}}
    two = {"answers": {}, "studies": {"b": {"title": "B", "publication_status": "current", "sha256": "1"}}}
    one["files"], two["files"] = {"x": "1", "y": "1"}, {"y": "2", "z": "1"}
    assert describe_changes(None, one, {}) == []
    assert describe_changes(one, two, {}) == [
        *("study a is gone: A", "study b is new: B", "x is gone", "y was changed", "z is new"),
    ]


def test_the_dictionary_explains_every_column_of_every_table():
    small_world()
    files = build()
    explained = {(row["table"], row["column"]) for row in rows_of(files["data-dictionary.csv"])}
    for table in TABLES:
        headings = next(csv.reader(io.StringIO(files[f"tables/{table.name}.csv"].decode())))
        assert len(headings) == len(set(headings))
        assert {(table.name, heading) for heading in headings} <= explained
    (design,) = (
        row
        for row in rows_of(files["data-dictionary.csv"])
        if (row["table"], row["column"]) == ("studies", "design")
    )
    assert "rct_parallel; rct_crossover" in design["words"]
    assert (design["type"], design["may_be_empty"]) == ("text", "false")


def test_how_to_cite_it_stands_in_its_own_file(settings):
    small_world()
    said = yaml.safe_load(build()["CITATION.cff"])
    assert said["cff-version"] == "1.2.0"
    assert said["url"] == f"{settings.PUBLIC_URL}/releases/2026-03-01/"
    assert (said["version"], said["date-released"], said["license"]) == (
        "2026-03-01",
        "2026-03-01",
        "CC-BY-4.0",
    )
    assert {"message", "title", "authors", "type"} <= said.keys()


def test_readers_find_releases_and_get_their_files_byte_for_byte(client):
    small_world()
    assert "No release has been made yet" in client.get("/releases/").content.decode()
    release, _ = make_release(now=timezone.now())
    assert f"/releases/{release}/" in client.get("/releases/").content.decode()
    page = client.get(f"/releases/{release}/").content.decode()
    for file in release.files.all():
        assert file.get_absolute_url() in page
        answer = client.get(file.get_absolute_url())
        assert (answer.status_code, answer.content) == (200, bytes(file.content))
        assert "immutable" in answer["Cache-Control"]
        again = client.get(file.get_absolute_url(), headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/releases/{release}/nothing.csv").status_code == 404
    assert client.get("/releases/2001-01-01/").status_code == 404
    state = json.loads(client.get(f"/releases/{release}/state.json").content)
    assert state["studies"].keys() == {"tester2020"}


def test_the_command_writes_the_files_of_a_release_and_says_when_there_is_nothing_new(tmp_path):
    small_world()
    out = StringIO()
    call_command("make_release", "--directory", str(tmp_path), stdout=out)
    release = Release.objects.get()
    for name, raw in files_of(release).items():
        assert (tmp_path / release.name / name).read_bytes() == raw
    call_command("make_release", stdout=out)
    assert f"nothing has changed since release {release}" in out.getvalue()
