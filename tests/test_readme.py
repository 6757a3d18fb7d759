"""The README tells the truth: its commands exist, its calls and its answers hold on the loaded corpus."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
ROOMS = ("studies", "conditions", "search", "pages", "readers", "fhir_r5", "history", "ldn_kb")
COMMANDS = [
    line.strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("make ")])
def test_every_make_command_is_one(command):
    shown = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr


@pytest.mark.parametrize("command", [line for line in COMMANDS if "manage.py" in line])
def test_every_management_command_is_one(command):
    assert command.split("manage.py ")[1].split()[0] in get_commands()


def test_every_document_that_the_code_names_is_there():
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    named = {name for path in files for name in re.findall(r"docs/[\w/-]+\.md", path.read_text())}
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


@pytest.mark.django_db
@pytest.mark.usefixtures("corpus")
class TestOverTheCorpus:
    def test_the_three_calls_answer_what_the_readme_says(self, client):
        calls = [line.split("localhost:8000")[1] for line in COMMANDS if line.startswith("curl")]
        lists, one, outcomes = (client.get(call).json() for call in calls)
        assert lists["count"] == 8
        assert {"arms", "outcomes", "side_effects", "sources"} <= set(one)
        assert [row["is_primary"] for row in outcomes["results"]] == [True]

    def test_the_answers_in_the_table_stand_on_the_pages(self, client):
        def text_of(path: str) -> str:
            return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).content.decode()).split())

        fibromyalgia = text_of("/conditions/fibromyalgia/")
        assert "in 6 randomised trials with 392 people enrolled" in fibromyalgia
        assert "The evidence is very uncertain about the effect of LDN on pain" in fibromyalgia
        pool = text_of("/conditions/fibromyalgia/pools/pain-placebo-md/")
        assert "0.03 (95% CI \N{MINUS SIGN}5.21 to 5.28)" in pool
        assert "From 2 studies" in pool
        assert "nothing was written" in text_of("/studies/bruun2024/what-if/")
        assert "Nobody knows." in text_of("/conditions/psoriasis/")
        assert "41 of 49" in text_of("/studies/bruun2024/")
        assert "43 of 50" in text_of("/studies/bruun2024/")
        assert "36 statements" in text_of("/claims/")

    def test_every_address_in_the_table_is_answered(self, client):
        for path in re.findall(r"\| `(/[^`]+)` \|", README):
            assert client.get(path).status_code == 200

    def test_every_file_the_readme_points_at_is_there(self):
        for target in re.findall(r"\]\(([^)]+)\)", README):
            assert (ROOT / target).exists(), target
