"""The API against its own schema, over a real server: whatever may be asked is answered as promised."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

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
    budget = ["--checks", "all", "--max-examples", "3", "--seed", "1", "--no-shrink", "--max-time", "20"]
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
