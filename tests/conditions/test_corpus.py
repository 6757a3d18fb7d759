"""The corpus into the database and out again: nothing lost, nothing overwritten, bad files refused whole."""

from __future__ import annotations

import os
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from conditions.models import Condition
from conditions.services.corpus import (
    CorpusRefusedError,
    load_corpus,
    read_directory,
)
from studies.domain.corpus_file import MAX_BYTES, read_yaml, write_yaml
from studies.models import SideEffect, Study

SHARED = Path(settings.BASE_DIR).parent / "shared" / "evidence"
STUDY = "studies/younger2013.yaml"

pytestmark = pytest.mark.django_db


def changed(files: dict[str, bytes], name: str, change) -> dict[str, bytes]:
    """The corpus with one file changed by a function over its plain data."""
    data = read_yaml(files[name])
    change(data)
    return {**files, name: write_yaml(data)}


def n_entries() -> int:
    """How many entries the corpus has: studies, conditions, claims and all else that is loaded by itself."""
    scales = (settings.EVIDENCE_DIR / "instruments.yaml").read_text().count("\n- slug:")
    return 377 + scales + len(list(settings.EVIDENCE_DIR.glob("articles/*.md")))


def complaints_of(files: dict[str, bytes]) -> list[str]:
    with pytest.raises(CorpusRefusedError) as refused:
        load_corpus(files=files)
    assert not Study.objects.exists()
    assert not Condition.objects.exists()
    return [str(complaint) for complaint in refused.value.complaints]


def without_nothing(value):
    """The facts of a piece of a file: what says nothing is left out, and a number is its printed digits."""
    if isinstance(value, dict):
        kept = {name: without_nothing(entry) for name, entry in value.items()}
        return {name: entry for name, entry in kept.items() if entry not in (None, "", [], {})}
    if isinstance(value, list):
        return [without_nothing(entry) for entry in value]
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


@pytest.mark.skipif(not SHARED.is_dir(), reason="the gathered corpus is not beside this checkout")
def test_nothing_of_the_gathered_corpus_was_lost_on_the_way_here(files):
    """Added were the arms that some outcomes name, which way values run, judgements on bias, the questions of
    claims, flags for editors, the days of posted results that notes tell, other names of conditions, and what
    two definitions say before the gathered words."""
    for path in sorted([*SHARED.glob("*.yaml"), *SHARED.glob("studies/*.yaml")]):
        name = str(path.relative_to(SHARED))
        ours = without_nothing(read_yaml(files[name]))
        gathered = without_nothing(read_yaml(path.read_bytes()))
        if isinstance(ours, dict):
            ours.pop("risk_of_bias", None)
        for outcome in ours.get("outcomes", []) if isinstance(ours, dict) else []:
            outcome.pop("better", None)
            outcome.get("effect", {}).pop("better", None)
            for side in ("intervention", "comparator"):
                outcome.get(side, {}).pop("arm", None)
        for claim, old in (
            zip(ours["claims"], gathered["claims"], strict=True) if name == "claims.yaml" else []
        ):
            claim.pop("question")
            flags, old_flags = claim.pop("editor_notes", []), old.pop("editor_notes", [])
            assert set(old_flags) <= set(flags), claim["id"]
        for trial in ours["trials"] if name == "trials.yaml" else []:
            if day := trial.pop("results_posted_on", None):
                assert f"results posted {day}" in trial["note"], trial["id"]
        for condition, old in (
            zip(ours["conditions"], gathered["conditions"], strict=True) if name == "conditions.yaml" else []
        ):
            assert set(old.pop("synonyms", [])) <= set(condition.pop("synonyms", [])), condition["slug"]
            assert condition.pop("definition").endswith(old.pop("definition")), condition["slug"]
        assert ours == gathered, name


def test_all_complaints_about_all_files_come_at_once(files):
    bad = changed(files, STUDY, lambda study: study.update(year="2013", design="a hunch", surprise=1))
    bad = changed(
        bad, "studies/bruun2024.yaml", lambda study: study["outcomes"][0]["intervention"].update(events=60)
    )
    bad = changed(bad, "trials.yaml", lambda file: file["trials"][0].update(conditions=["nowhere"]))
    found = complaints_of(bad)
    assert any(line.startswith(f"{STUDY}: year: ") for line in found)
    assert any(line.startswith(f"{STUDY}: design: ") and "a hunch" in line for line in found)
    assert any(line.startswith(f"{STUDY}: surprise: ") for line in found)
    assert any(
        "bruun2024.yaml: outcomes.0.intervention: events (60) is more than n (49)" in line for line in found
    )
    assert any(
        line.startswith("trials.yaml: NCT00663117.conditions: there is no condition nowhere")
        for line in found
    )


def harm(**count) -> dict:
    return {"name": "nausea", "intervention": count}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.update(doi="10.1016/S2665-9913(23)00278-3"), "lower case"),
        (lambda s: s.update(doi="not-a-doi"), "shaped like a DOI"),
        (lambda s: s.update(doi="10.1016/s2665-9913(23)00278-3"), "belongs to"),
        (lambda s: s.update(pmid=38258677), "belongs to"),
        (lambda s: s.update(pmid=True), "integer"),
        (lambda s: s.update(conditions=["fibromyalga"]), "there is no condition fibromyalga"),
        (lambda s: s.update(key="younger1913x9"), "first author"),
        (lambda s: s["arms"][0].update(role="placebo"), "intervention"),
        (lambda s: s["arms"][0]["dose"].update(amount_mg=0), "greater than 0"),
        (lambda s: s["arms"][0].update(n=-1), "greater than or equal to 0"),
        (lambda s: s["outcomes"][0].update(effect={"value": 3, "ci_low": 4, "ci_high": 5}), "not in order"),
        (lambda s: s["outcomes"][0].update(effect={"p": "about 0.05"}), "p value"),
        (lambda s: s.update(side_effects=[harm(events=1, n=10, percent=50)]), "not 1 of 10"),
        (lambda s: s.update(side_effects=[harm(percent=101)]), "less than or equal to 100"),
        (lambda s: s.update(sources=[]), "needs a source"),
        (lambda s: s.update(title="Two\x07bells"), "control character"),
        (lambda s: s.update(conclusion="  "), "blank"),
        (lambda s: s.update(editorial={"entered_by": "ann", "checked_by": "ann"}), "another person"),
        (lambda s: s.pop("title"), "Field required"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_field_and_the_mend(files, change, words):
    found = complaints_of(changed(files, STUDY, change))
    assert any(words in line for line in found), found


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL byte"),
        (b"\xff\xfe\xfa", "not UTF-8"),
        (b"key: [unclosed", "not readable YAML"),
        (b"- a\n- b\n", "not a list of"),
        (b"", "not a list of"),
        (b"a: &x [1]\nb: *x\n", "anchors and aliases"),
        (b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "anchors and aliases"),
        (b"a: !!python/object/apply:os.system [ls]\n", "tags"),
        (b"key: a\nkey: b\n", "stands twice"),
        (b"a: " + b"[" * 500 + b"]" * 500, "nested deeper"),
        (b"year: .nan\nkey: younger2013\n", ".nan is not a plain number"),
        (b"year: .inf\n", ".inf is not a plain number"),
        (b"n_enrolled: 1:39\n", "1:39 is not a plain number; if it is text, put it in quotes"),
        (b"n_enrolled: 010\n", "010 is not a plain number"),
        (b"n_enrolled: 0x1f\n", "0x1f is not a plain number"),
        (b"n_enrolled: 9_9\n", "9_9 is not a plain number"),
        (b"key: 2013-01-01\n", "key"),
        (b"year: " + b"9" * 5000, ""),
    ],
)
def test_what_is_no_corpus_file_is_refused(files, raw, words):
    found = complaints_of({**files, STUDY: raw})
    assert any(line.startswith(STUDY) and words in line for line in found), found


def test_a_file_of_fifty_megabytes_is_refused_without_being_read_whole(tmp_path):
    (tmp_path / "studies").mkdir()
    with (tmp_path / STUDY).open("wb") as file:
        file.truncate(50_000_000)
    assert len(read_directory(tmp_path)[STUDY]) == MAX_BYTES + 1
    with pytest.raises(CorpusRefusedError, match="1 complaints"):
        load_corpus(files=read_directory(tmp_path))


def test_everything_that_is_no_readable_file_is_named_at_once(tmp_path):
    (tmp_path / "studies").mkdir()
    os.mkfifo(tmp_path / "studies" / "pipe.yaml")
    (tmp_path / "studies" / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "studies" / "endless.yaml").symlink_to("/dev/zero")
    (tmp_path / "studies" / "folder.yaml").mkdir()
    with pytest.raises(CorpusRefusedError) as refusal:
        read_directory(tmp_path)
    assert [str(complaint) for complaint in refusal.value.complaints] == [
        "studies/endless.yaml: cannot be read: it is not a file",
        "studies/folder.yaml: cannot be read: it is not a file",
        "studies/loop.yaml: cannot be read: Too many levels of symbolic links",
        "studies/pipe.yaml: cannot be read: it is not a file",
    ]


@pytest.mark.parametrize("key", ["title", "conclusion", "country"])
def test_a_nul_in_a_text_is_refused(files, key):
    bad = changed(files, STUDY, lambda study: study.update({key: "a\x00b"}))
    assert any(line.startswith(f"{STUDY}: {key}: ") for line in complaints_of(bad))


def test_the_command_prints_every_complaint_and_saves_nothing(tmp_path, files):
    for name, raw in changed(files, STUDY, lambda study: study.update(year=1066)).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(raw)
    errors = StringIO()
    with pytest.raises(CommandError, match="Nothing was saved: 1 complaint"):
        call_command("load_evidence", tmp_path, stderr=errors)
    assert f"{STUDY}: year: " in errors.getvalue()
    assert not Study.objects.exists()


@pytest.mark.parametrize("directory", ["nowhere", "."])
def test_a_directory_without_a_corpus_is_refused(tmp_path, directory):
    with pytest.raises(CommandError, match="Nothing was saved"):
        call_command("load_evidence", tmp_path / directory, stderr=StringIO())


def test_the_commands_load_and_dump(tmp_path):
    output = StringIO()
    call_command("load_evidence", stdout=output)
    call_command("dump_evidence", tmp_path / "out", stdout=output)
    call_command("load_evidence", tmp_path / "out", stdout=output)
    lines = output.getvalue().splitlines()
    n = n_entries()
    assert f"{n} added, 0 changed, 0 same, 0 kept" in lines
    assert lines[-1] == f"0 added, 0 changed, {n} same, 0 kept"


def test_a_side_effect_that_nobody_has_sorted_gets_an_entry_of_its_own(files):
    def add(study):
        study["side_effects"] = [{"name": "purple ears", "intervention": {"events": 1, "n": 28}}]

    load_corpus(files=changed(files, STUDY, add))
    entry = SideEffect.objects.get(slug="purple-ears")
    assert entry.description is None
    assert entry.reports.get().study.key == "younger2013"
