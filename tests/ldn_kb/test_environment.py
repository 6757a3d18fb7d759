"""Settings come from the environment; a bad one stops the start with a line that names it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ldn_kb import data_dir, embedded
from ldn_kb.environment import Environment

ROOT = Path(__file__).resolve().parents[2]


def start_with(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ldn_kb import environment; environment.read_environment()"]
    clean = {
        name: value for name, value in os.environ.items() if name.lower() not in Environment.model_fields
    }
    return subprocess.run(command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "localhost"),
        ("DEBUG", "perhaps"),
        ("CROSSREF_URL", "file:///etc/passwd"),
        ("PUBLIC_URL", "kb.example"),
    ],
)
def test_a_bad_value_is_one_line_with_its_name(name, value):
    result = start_with(**{name: value})
    assert result.returncode == 2
    assert result.stderr.startswith(f"Setting {name} is not usable:")
    assert len(result.stderr.splitlines()) == 1


def test_only_registries_on_this_machine_may_be_asked_faster_than_they_allow():
    here = dict.fromkeys(
        ["crossref_url", "ncbi_url", "openalex_url", "europepmc_url", "clinicaltrials_url"],
        "http://127.0.0.1:9009",
    )
    assert Environment(registry_speed=50, **here).registry_speed == 50
    for name in here:
        with pytest.raises(ValueError, match="REGISTRY_SPEED"):
            Environment(registry_speed=50, **{**here, name: "https://registry.example"})


def test_the_example_explains_every_setting_and_no_other():
    text = (ROOT / ".env.example").read_text()
    names = re.findall(r"^([A-Z_]+)=", text, re.MULTILINE)
    assert {name.lower() for name in names} == set(Environment.model_fields)
    for name in names:
        before = text[: text.index(f"\n{name}=")].splitlines()
        assert any(line.startswith("#") for line in before[-2:]), name


def test_celery_is_told_of_a_socket_in_its_own_words(tmp_path):
    assert embedded.celery_url("redis://h:1/2") == "redis://h:1/2"
    assert embedded.celery_url("unix:///a/redis.sock?db=3") == "redis+socket:///a/redis.sock?virtual_host=3"


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path):
    first = data_dir.read_or_make_secret(tmp_path)
    assert data_dir.read_or_make_secret(tmp_path) == first
    assert len(first) > 40
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_socket_paths_stay_short_however_long_the_data_path_is(tmp_path):
    long = tmp_path / ("a long name " * 12) / "data"
    assert len(str(data_dir.socket_dir(long) / ".s.PGSQL.5432")) < 100
    assert data_dir.socket_dir(long) != data_dir.socket_dir(tmp_path)
