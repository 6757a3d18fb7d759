"""The API against its own schema, over a real server: whatever may be asked is answered as promised."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from django.utils.http import http_date, parse_http_date

from studies.api.schema import EXAMPLES
from studies.models import Study
from tests.openapi import MEND, read_examples
from tests.pages.server import Server

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "docs" / "openapi.yaml"
BIN = Path(sys.executable).parent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("corpus")]


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_whatever_the_schema_allows_or_forbids_is_answered_as_it_says(site: Server, tmp_path):
    """All checks of schemathesis: examples, limits, what comes to its mind, and the links between answers."""
    config = ["--config-file", str(HERE / "schemathesis.toml")]
    budget = ["--checks", "all", "--max-examples", "3", "--seed", "1", "--no-shrink", "--max-time", "10"]
    address = f"http://127.0.0.1:{site.port}/api/schema/"
    said = run(str(BIN / "st"), *config, "run", address, *budget, "--no-color", cwd=tmp_path)
    assert "Tested: " in said


def test_a_client_made_from_the_committed_schema_reads_a_study(site: Server, tmp_path, monkeypatch):
    made = ["--path", str(SCHEMA), "--output-path", str(tmp_path / "made_client"), "--meta", "none"]
    run(str(BIN / "openapi-python-client"), "generate", *made, cwd=tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    client = importlib.import_module("made_client").Client(base_url=f"http://127.0.0.1:{site.port}")
    retrieve = importlib.import_module("made_client.api.studies.studies_retrieve")
    study = retrieve.sync(key="bruun2024", client=client)
    effect = study.outcomes[0].effect
    assert (study.year, effect.value, effect.ci_low, effect.ci_high) == (2024, "-0.34", "-0.95", "0.27")
    missing = retrieve.sync(key="nobody1999", client=client)
    assert (missing.status, missing.title) == (404, "Not Found")


def test_types_made_from_the_committed_schema_let_a_typescript_program_read_a_study(site: Server, tmp_path):
    npm, npx, node = (find_program(name) for name in ("npm", "npx", "node"))
    here = tmp_path / "reader"
    shutil.copytree(HERE.parent / "typescript", here, ignore=shutil.ignore_patterns("node_modules"))
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=here)
    made = ["--default-non-nullable=false", "--output", "schema.ts"]
    run(npx, "--no-install", "openapi-typescript", str(SCHEMA), *made, cwd=here)
    run(npx, "--no-install", "tsc", cwd=here)
    said = json.loads(run(node, "made/reader.js", f"http://127.0.0.1:{site.port}", cwd=here))
    assert len(said.pop("keys")) == 8
    assert said == {"year": 2024, "value": "-0.34", "missing": 404, "estimate": 1}


def find_program(name: str) -> str:
    """Where Node.js has it. Without it the test is skipped; in CI that is a failure."""
    found = shutil.which(name)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{name} was not found: install nodejs and npm.")
    if found is None:
        pytest.skip(f"{name} was not found: install nodejs and npm.")
    return found


def test_the_api_s_answers_are_sent_packed_and_kept_and_not_sent_twice(site: Server):
    path = "/api/v1/studies/?condition=fibromyalgia&fields=key"
    site.ask(path)
    plain, packed = site.ask(path), site.ask(path, Accept_Encoding="br")
    assert packed.headers["content-encoding"] == "br"
    assert brotli.decompress(packed.body) == plain.body
    assert json.loads(plain.body)["count"] > 8
    assert plain.headers["access-control-allow-origin"] == "*"
    for reply in (plain, packed):
        again = site.ask(path, If_None_Match=reply.headers["etag"])
        assert (again.status, again.body) == (304, b"")
    assert site.ask(path, "HEAD").headers["content-length"] == str(len(plain.body))
    assert b"127.0.0.1" not in plain.body


def test_a_published_document_is_not_sent_to_who_wants_another_format(site: Server):
    path = "/api/v1/studies/bruun2024/"
    assert site.ask(path).status == 200
    refused = site.ask(path, Accept="text/csv")
    assert (refused.status, refused.headers["content-type"]) == (406, "application/problem+json")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/api/v1/studies/bruun2024/", "/api/v1/studies/?fields=key", "/studies/"])
def test_who_has_it_since_the_time_that_was_sent_is_told_so(site: Server, path, method):
    """By the time only where no tag is sent: the tag knows better (RFC 9110, 13.2.2)."""
    deadline = time.monotonic() + 10
    while "last-modified" not in (reply := site.ask(path)).headers and time.monotonic() < deadline:
        time.sleep(0.2)  # no time to come is sent
    at, tag = reply.headers["last-modified"], reply.headers["etag"]
    before = http_date(parse_http_date(at) - 1)
    told = site.ask(path, method, If_Modified_Since=at)
    assert (told.status, told.body, told.headers["etag"]) == (304, b"", tag)
    assert told.headers["last-modified"] == at
    for headers, status in (
        ({"If_Modified_Since": before}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
        ({"If_Modified_Since": "Wed, 25 Nov 99999 10:00:00 GMT"}, 200),
        ({"If_Modified_Since": at, "If_None_Match": '"another"'}, 200),
        ({"If_Modified_Since": before, "If_None_Match": tag}, 304),
    ):
        reply = site.ask(path, method, **headers)
        assert reply.status == status, headers
        assert bool(reply.body) == (status == 200 and method == "GET")


def test_a_day_is_answered_from_what_is_kept_and_not_from_what_is_published(site: Server):
    """Of every process, packed, and to who has it already with 304, as any other answer."""
    path = "/api/v1/studies/bruun2024/"
    published = json.loads(site.ask(path).body)
    day = f"{path}?as_of={datetime.now(UTC):%Y-%m-%d}"
    for _ in range(8):
        reply = site.ask(day)
        said = json.loads(reply.body)
        assert said.pop("as_of")["is_over"] is False
        assert said == published
    packed = site.ask(day, Accept_Encoding="br")
    assert brotli.decompress(packed.body) == reply.body
    for have in (reply, packed):
        assert site.ask(day, If_None_Match=have.headers["etag"]).status == 304
    assert site.ask(day, "HEAD").headers["content-length"] == str(len(reply.body))
    assert site.ask(f"{path}?as_of=2001-01-01").status == 404


def test_a_change_reaches_the_lists_of_every_process_within_a_second(site: Server):
    path = "/api/v1/studies/?fields=key,title&page_size=100&ordering=key"
    for _ in range(8):
        site.ask(path)
    study = Study.objects.published().order_by("key")[0]
    Study.objects.filter(pk=study.pk).update(title="Titled anew")
    time.sleep(1)
    for _ in range(8):
        assert b"Titled anew" in site.ask(path).body
    Study.objects.filter(pk=study.pk).update(title=study.title)


def test_the_examples_in_the_schema_are_what_the_api_answers(client):
    examples = json.loads(EXAMPLES.read_text())
    assert without_numbers_of_rows(read_examples(client)) == without_numbers_of_rows(examples), MEND


def without_numbers_of_rows(answer):
    """The answer without what is another in each database: numbers of rows, addresses and times."""
    of_one = {"id", "url", "arm", "outcome", "source", "updated_at", "next", "registry_answered_at"}
    if isinstance(answer, dict):
        return {name: without_numbers_of_rows(v) for name, v in answer.items() if name not in of_one}
    return [without_numbers_of_rows(entry) for entry in answer] if isinstance(answer, list) else answer
