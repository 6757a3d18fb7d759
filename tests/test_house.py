"""The house: every module stands on a floor, files and functions stay small, nothing forbidden is about."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import IN_USE, refuse_database_in_use

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("studies", "conditions", "pages", "readers", "search", "history")
MOST_LINES, MOST_FUNCTION_LINES = 400, 60


def tracked(pattern: str) -> list[Path]:
    """The files that git knows, or would know."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


SOURCES = [p for p in tracked("*.py") if "migrations" not in p.parts and "tests" not in p.parts]


def functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.end_lineno - node.lineno + 1


def floors() -> set[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return {name.strip() for layer in contracts[0]["layers"] for name in re.split(r"[:|]", layer)}


def test_every_module_of_a_room_stands_on_a_floor():
    allowed = floors() | {f"{room}.{name}" for room in ROOMS for name in ("apps", "migrations", "__init__")}
    for path in tracked("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] in ROOMS:
            assert ".".join(parts[:2]) in allowed, f"{'/'.join(parts)} stands on no floor"


def test_the_top_level_holds_what_the_readme_says_and_no_more_code():
    tops = {path.relative_to(ROOT).parts[0] for path in tracked("*.py")}
    assert tops == {
        "manage.py",
        "ldn_kb",
        "studies",
        "conditions",
        "pages",
        "readers",
        "search",
        "fhir_r5",
        "history",
        "tests",
    }


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path):
    assert len(path.read_text().splitlines()) <= MOST_LINES
    for node, length in functions(path):
        assert length <= MOST_FUNCTION_LINES, f"{node.name} has {length} lines"


def test_most_functions_are_short():
    lengths = sorted(length for path in SOURCES for _, length in functions(path))
    assert median(lengths) <= 9
    assert lengths[int(len(lengths) * 0.9)] <= 33


def test_public_functions_of_the_lower_floors_say_what_comes_out():
    lower = [
        p for p in SOURCES if {"domain", "services", "sources"} & set(p.parts) or p.name == "evidence.py"
    ]
    bare = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in lower
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert bare == []


def test_no_catch_all_names_and_no_signals():
    for path in SOURCES:
        assert path.stem not in {"utils", "common", "helpers", "misc"}
        assert "django.dispatch" not in path.read_text(), path


def test_nothing_committed_names_a_machine_or_a_registry_of_packages():
    words = [
        r"/root/",
        "/" + "tmp/[a-z]",
        r"pypi\.org",
        r"files\.pythonhosted",
        r"registry\.npmjs",
        r"index-url ?=",
    ]
    for path in [
        *tracked("*.py"),
        *tracked("*.toml"),
        *tracked("*.lock"),
        *tracked("*.md"),
        *tracked("*.yml"),
    ]:
        if path.name == "test_house.py":
            continue
        text = path.read_text()
        for word in words:
            assert not re.search(word, text), f"{path.relative_to(ROOT)}: {word}"


def test_every_pinned_dependency_has_a_hash():
    text = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^[A-Za-z0-9_.\-\[\]]+==[^\n]*(?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*", text, re.M)
    assert len(pins) > 60
    assert all("--hash=" in pin for pin in pins)


def test_every_named_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    block = text[text.index("dependencies = [") : text.index("]\n\n[project.optional")]
    for line in block.splitlines()[1:]:
        assert "#" in line, line


def test_no_test_fills_or_empties_the_database_of_whoever_runs_it():
    refuse_database_in_use(f"test_{IN_USE}")
    with pytest.raises(pytest.fail.Exception, match=r"pytest\.mark\.django_db"):
        refuse_database_in_use(IN_USE)
