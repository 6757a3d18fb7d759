"""Imported citations: seen before anything is saved, saved as drafts all or none, and published nowhere."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO, StringIO
from urllib.parse import unquote_plus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from search.models import SearchEntry
from search.services.indexing import update_search
from studies import tasks
from studies.models import CitationImport, Find, ImportRow, Study, Trial
from studies.services.editing import EditError
from studies.services.import_progress import telling_progress
from studies.services.imports import LOST_AFTER, read_again, read_import, save_import, store_import
from tests import make
from tests.real_cases import REAL_CASES, needs_real_cases
from tests.studies.admin_world import sign_in

pytestmark = [pytest.mark.django_db]

NEW = """TY  - JOUR
TI  - Naltrexone against hiccups
AU  - Tester, Ada
PY  - 2021
DO  - 10.1000/hiccups
ER  -
"""
NO_NUMBER = "TY  - JOUR\nTI  - A talk without a number\nJO  - Proc Tests\nER  - \n"
NOTHING = "TY  - JOUR\nAU  - Nobody, N.\nER  - \n"


def ris(title: str = "A paper", **tags: str) -> str:
    return "\n".join(
        ["TY  - JOUR", f"TI  - {title}", *(f"{t}  - {v}" for t, v in tags.items()), "ER  - ", ""]
    )


def bring(text: str, **options) -> CitationImport:
    return store_import(name="a.ris", content=text.encode(), now=timezone.now(), **options)


def read(text: str) -> list[ImportRow]:
    upload = read_import(pk=bring(text).pk, now=timezone.now())
    assert upload.state == "read", upload.error
    return list(upload.rows.all())


def save(text: str) -> int:
    upload = read_import(pk=bring(text).pk, now=timezone.now())
    return save_import(pk=upload.pk, now=timezone.now())


def drafts() -> list[Find]:
    return list(Find.objects.filter(registry="import").order_by("pk"))


def test_each_entry_is_shown_with_what_would_become_of_it_before_anything_is_saved():
    study = make.make_study(title="Here already", doi="10.1000/here", volume="7", authors=None, year=None)
    same = ris("Here already", DO="10.1000/HERE")
    differs = ris("Here already", DO="10.1000/here", VL="8", IS="2")
    rows = read(NEW + same + differs + NOTHING)
    assert [row.state for row in rows] == ["new", "same", "differs", "unreadable"]
    assert [row.line for row in rows] == [1, 7, 11, 17]
    assert rows[1].reason == f"the same as study {study.key}, by DOI"
    assert rows[1].study == study
    assert rows[2].differences == [
        {"field": "volume", "old": "7", "new": "8"},
        {"field": "issue", "old": None, "new": "2"},
    ]
    assert rows[3].reason == "it has neither a title nor an identifier"
    assert "Nobody, N." in rows[3].text
    assert not drafts()
    assert (rows[0].citation["title"], rows[0].citation["authors"]) == (
        "Naltrexone against hiccups",
        ["Tester A"],
    )


@pytest.mark.parametrize(
    ("known", "entry", "state", "by"),
    [
        ({"doi": "10.1000/a"}, {"DO": "https://doi.org/10.1000/A"}, "same", "DOI"),
        ({"pmid": 40000001}, {"AN": "40000001", "DB": "PubMed"}, "same", "PubMed number"),
        (
            {"registry_ids": ["NCT00000001"]},
            {"C1": "NCT00000001", "JF": "X"},
            "differs",
            "registration number and title",
        ),
        ({}, {"AU": "Tester, Ann", "PY": "2020"}, "same", "title, year and first author"),
        # another report of a trial, and a paper that only has the title of one here
        (
            {"registry_ids": ["NCT00000001"], "doi": "10.1000/a"},
            {"C1": "NCT00000001", "DO": "10.1000/b"},
            "new",
            "",
        ),
        ({}, {"AU": "Tester, Ann", "PY": "2019"}, "new", ""),
        ({}, {"AU": "Other, Bo", "PY": "2020"}, "new", ""),
    ],
)
def test_an_entry_is_recognised_by_identifiers_then_by_title_year_and_author(known, entry, state, by):
    make.make_study(title="A paper", authors=["Tester A"], year=2020, **known)
    (row,) = read(ris("A PAPER.", **entry))
    assert (row.state, row.reason.rpartition(", by ")[2]) == (state, by)


def test_a_registration_number_alone_is_the_trial_that_is_here_or_the_draft_of_one():
    trial = make.make_trial()
    rows = read(f"{trial.registry_id}\nNCT99999999\n")
    assert [(row.state, row.trial) for row in rows] == [("same", trial), ("new", None)]
    assert save("NCT99999999") == 1
    assert (drafts()[0].registry_id, drafts()[0].title) == ("NCT99999999", "")


def test_the_timetable_reads_a_file_whose_task_was_lost_and_none_that_has_just_come():
    lost, fresh = bring(NEW), bring(NO_NUMBER)
    CitationImport.objects.filter(pk=lost.pk).update(
        uploaded_at=timezone.now() - LOST_AFTER - timedelta(seconds=1)
    )
    tasks.read_waiting_imports()
    lost.refresh_from_db()
    fresh.refresh_from_db()
    assert (lost.state, lost.n_new, fresh.state) == ("read", 1, "waiting")


def test_an_entry_that_comes_twice_in_a_file_is_saved_once():
    rows = read(NEW + NEW)
    assert (rows[1].state, rows[1].reason) == ("same", "the same as entry 1 of this file, in line 1, by DOI")
    assert save(NEW + NEW) == 1


def test_what_is_saved_is_a_draft_with_all_that_the_entry_says(editor):
    text = ris(
        "A paper", AU="Tester, Ada B.", JF="Journal", JO="J", VL="1", IS="2", SP="3", EP="4", PY="2001"
    )
    upload = read_import(pk=bring(text).pk, now=timezone.now())
    assert save_import(pk=upload.pk, now=timezone.now(), editor=editor.user) == 1
    (draft,) = drafts()
    assert (draft.title, draft.authors, draft.journal, draft.journal_abbrev) == (
        "A paper",
        ["Tester AB"],
        "Journal",
        "J",
    )
    assert (draft.volume, draft.issue, draft.pages, draft.year, draft.state) == ("1", "2", "3-4", 2001, "new")
    upload.refresh_from_db()
    assert (upload.state, upload.n_saved, upload.saved_by, bytes(upload.content)) == (
        "saved",
        1,
        editor.user,
        b"",
    )
    assert upload.rows.get().find == draft


def test_importing_twice_adds_nothing():
    text = NEW + NO_NUMBER + "TY  - JOUR\nUR  - https://pubmed.ncbi.nlm.nih.gov/40000009/\nER  - \n"
    first, second = (read_import(pk=bring(text).pk, now=timezone.now()) for _ in range(2))
    assert second.n_new == 3, "the first was not saved yet when the second was read"
    assert save_import(pk=first.pk, now=timezone.now()) == 3
    assert save_import(pk=first.pk, now=timezone.now()) == 0
    assert save_import(pk=second.pk, now=timezone.now()) == 0
    second.refresh_from_db()
    assert (second.n_new, second.n_same, len(drafts())) == (0, 3, 3)
    assert save(text) == 0


def test_a_dismissed_draft_does_not_come_back(editor):
    save(NEW)
    Find.objects.update(
        state="dismissed", decided_at=timezone.now(), decided_by=editor.user, decided_because="no trial"
    )
    (row,) = read(NEW)
    assert (row.state, row.reason) == ("same", "the same as a draft that was dismissed, by DOI")


def test_saving_stops_in_the_middle_and_nothing_is_saved():
    upload = read_import(pk=bring("".join(ris(f"Paper {n}") for n in range(1100))).pk, now=timezone.now())

    def fail(done: int, total: int) -> None:
        if done >= 1000:
            raise ConnectionError("the worker is killed")

    with pytest.raises(ConnectionError):
        save_import(pk=upload.pk, now=timezone.now(), on_progress=fail)
    upload.refresh_from_db()
    assert (upload.state, drafts()) == ("read", [])
    told = []
    assert save_import(pk=upload.pk, now=timezone.now(), on_progress=lambda *n: told.append(n)) == 1100
    assert told == [(500, 1100), (1000, 1100), (1100, 1100)]


def test_what_differs_is_told_in_words_and_not_as_the_program_keeps_it(editor):
    make.make_study(title="Here already", doi="10.1000/here", volume=None, authors=["Ada A", "Bell B"])
    entry = ris("Here already", AU="Cole, Carl\nAU  - Dean, Dora", DO="10.1000/here", VL="8")
    upload = read_import(pk=bring(entry).pk, now=timezone.now())
    page = editor.get(f"/admin/studies/citationimport/{upload.pk}/change/").content.decode()
    assert "authors: here Ada A, Bell B, in the file Cole C, Dean D<" in page
    assert "volume: here nothing, in the file 8<" in page


WHOLE = {
    "AU": "Tester, Ada",
    "PY": "2021",
    "T2": "J Tests",
    "JA": "J T",
    "VL": "8",
    "IS": "2",
    "SP": "1",
    "DO": "10.1000/whole",
}


@pytest.mark.parametrize("only", [None, *WHOLE])
def test_an_entry_is_previewed_whatever_it_lacks(editor, only):
    """All that a reference can have but the one thing, or that alone: neither stands in the page's way."""
    rest = {tag: value for tag, value in WHOLE.items() if tag != only}
    alone = {only: WHOLE[only]} if only else {}
    upload = read_import(
        pk=bring(ris("With the rest", **rest) + ris("Alone", **alone)).pk, now=timezone.now()
    )
    page = editor.get(f"/admin/studies/citationimport/{upload.pk}/change/").content.decode()
    assert "With the rest" in page
    assert "Alone" in page
    if only != "T2":
        assert "J Tests" in page


@needs_real_cases
def test_files_of_other_programs_are_previewed_and_their_drafts_opened(editor):
    files = [path for path in (REAL_CASES / "citations").rglob("*.*") if path.suffix in (".ris", ".bib")]
    assert len(files) > 10
    for path in files:
        upload = store_import(name=path.name, content=path.read_bytes(), now=timezone.now())
        read_import(pk=upload.pk, now=timezone.now())
        page = f"/admin/studies/citationimport/{upload.pk}/change/"
        assert editor.get(page).status_code == 200, path.name
        if upload.rows.exists():
            save_import(pk=upload.pk, now=timezone.now())
            assert editor.get(page).status_code == 200, path.name
    assert drafts()
    for find in drafts():
        assert editor.get(f"/admin/studies/find/{find.pk}/change/").status_code == 200


def test_what_differs_from_a_study_is_proposed_when_the_import_is_saved_and_an_editor_ticks_it(editor):
    study = make.make_study(title="Here already", doi="10.1000/here", volume="7", authors=None, year=None)
    text = ris("Here already", DO="10.1000/here", VL="8", IS="2")
    upload = read_import(pk=bring(text).pk, now=timezone.now())
    assert not study.proposals.exists(), "nothing is proposed by looking"
    page = f"/admin/studies/citationimport/{upload.pk}/change/"
    assert "and propose what differs" in editor.get(page).content.decode()
    assert save_import(pk=upload.pk, now=timezone.now()) == 0
    study.refresh_from_db()
    assert (study.volume, study.issue) == ("7", None)
    proposed = study.proposals.order_by("field")
    assert [(p.field, p.old, p.new, p.registry, p.place, p.state) for p in proposed] == [
        ("issue", None, "2", "import", "a.ris, line 1", "open"),
        ("volume", "7", "8", "import", "a.ris, line 1", "open"),
    ]
    address = f"/admin/studies/study/{study.pk}/proposals/"
    assert address in editor.get(page).content.decode()
    assert "Imported file: a.ris, line 1" in editor.get(address).content.decode()
    editor.post(address, {"ticked": [proposed[0].pk], "action": "accept"})
    editor.post(address, {"ticked": [proposed[1].pk], "action": "reject"})
    study.refresh_from_db()
    assert (study.volume, study.issue) == ("7", "2")
    origin = study.provenance.get(field="issue")
    assert (origin.registry, origin.place, origin.quote) == ("import", "a.ris, line 1", "2")
    save(text)
    assert not study.proposals.filter(state="open").exists(), "what was rejected does not come back"


def test_what_is_proposed_is_measured_against_the_study_as_it_is_when_saved():
    study = make.make_study(title="Here already", doi="10.1000/here", volume="7", authors=None, year=None)
    upload = read_import(
        pk=bring(ris("Here already", DO="10.1000/here", VL="8", IS="2")).pk, now=timezone.now()
    )
    Study.objects.filter(pk=study.pk).update(volume="8", issue="3")
    save_import(pk=upload.pk, now=timezone.now())
    assert [(p.field, p.old, p.new) for p in study.proposals.all()] == [("issue", "3", "2")]


def test_an_entry_that_a_study_has_become_since_the_preview_is_proposed_and_no_draft():
    upload = read_import(pk=bring(ris("A paper", DO="10.1000/here", VL="8")).pk, now=timezone.now())
    study = make.make_study(title="A paper", doi="10.1000/here", volume="7", authors=None, year=None)
    assert save_import(pk=upload.pk, now=timezone.now()) == 0
    assert [(p.field, p.new) for p in study.proposals.all()] == [("volume", "8")]
    assert not drafts()


def test_drafts_stand_on_no_page_in_no_answer_and_in_no_search(client):
    make.make_study(title="A study that is published")
    studies, trials = Study.objects.count(), Trial.objects.count()
    save(NEW + "TY  - DBASE\nID  - NCT77777777\nTI  - Hiccups trial\nER  - \n")
    assert len(drafts()) == 2
    update_search(now=timezone.now())
    assert (Study.objects.count(), Trial.objects.count()) == (studies, trials)
    assert not SearchEntry.objects.filter(title__icontains="hiccups").exists()
    for address in (
        *("/", "/studies/", "/studies/?q=hiccups", "/trials/", "/conditions/", "/changes/", "/claims/"),
        *("/search/?q=hiccups", "/search/?q=10.1000/hiccups", "/search/?q=NCT77777777"),
        *("/feeds/changes.atom", "/api/v1/studies/", "/api/v1/trials/"),
        *("/api/v1/pools/", "/api/v1/notices/", "/doses/", "/side-effects/"),
    ):
        answer = client.get(address, follow=True)
        text = answer.content.decode().replace("hiccups&quot;", "").replace("q=hiccups", "")
        assert answer.status_code == 200, address
        assert "Naltrexone against hiccups" not in text, address
        assert "Hiccups trial" not in text, address


def test_an_editor_brings_a_file_sees_it_and_saves_it(editor):
    file = SimpleUploadedFile("refs.ris", (NEW + NO_NUMBER + NOTHING).encode("utf-16"))
    answer = editor.post("/admin/studies/citationimport/add/", {"file": file})
    upload = CitationImport.objects.get()
    page = f"/admin/studies/citationimport/{upload.pk}/change/"
    assert answer["Location"] == page
    assert "waits for a worker" in editor.get(page).content.decode()
    tasks.read_citation_import(upload.pk)
    text = " ".join(editor.get(page).content.decode().split())
    for words in (
        "Read as RIS in UTF-16",
        "New: 2",
        "Unreadable: 1",
        "Naltrexone against hiccups",
        "Save 2 new",
    ):
        assert words in text
    assert "Nobody" in editor.get(page, {"state": "unreadable"}).content.decode()
    assert "Naltrexone" not in editor.get(page, {"state": "unreadable"}).content.decode()
    assert not drafts()
    editor.post(f"/admin/studies/citationimport/{upload.pk}/save/")
    tasks.save_citation_import(upload.pk, editor.user.pk)
    assert [draft.title for draft in drafts()] == ["Naltrexone against hiccups", "A talk without a number"]
    assert "2 saved as drafts" in editor.get(page).content.decode()
    inbox = editor.get("/admin/studies/find/", {"registry__exact": "import"}).content.decode()
    assert "In refs.ris, line 1" in inbox


def test_the_page_shows_how_far_the_worker_is(editor):
    upload = bring(NEW)
    with telling_progress(pk=upload.pk, doing="reading") as tell:
        tell(2500, 10_000)
        text = editor.get(f"/admin/studies/citationimport/{upload.pk}/change/").content.decode()
    assert '<progress max="10000" value="2500">' in text
    assert "2500 of 10000 entries" in text
    after = editor.get(f"/admin/studies/citationimport/{upload.pk}/change/").content.decode()
    assert "<progress" not in after


def test_an_editor_pastes_identifiers(editor):
    editor.post("/admin/studies/citationimport/add/", {"pasted": "10.1000/a 40000001\nNCT00000009"})
    tasks.read_citation_import(CitationImport.objects.get().pk)
    assert CitationImport.objects.get().n_new == 3


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "one of the two"),
        ({"pasted": "10.1000/a", "file": SimpleUploadedFile("a.ris", b"TY")}, "one of the two"),
        ({"file": SimpleUploadedFile("a.ris", b" ")}, "There is nothing in it"),
    ],
)
def test_what_cannot_be_brought_is_said_on_the_form(editor, data, complaint):
    answer = editor.post("/admin/studies/citationimport/add/", data)
    assert complaint in answer.content.decode()
    assert not CitationImport.objects.exists()


def test_a_file_that_cannot_be_read_says_why_and_can_be_read_in_another_way(editor):
    upload = bring("nothing of a kind that is known")
    tasks.read_citation_import(upload.pk)
    page = f"/admin/studies/citationimport/{upload.pk}/change/"
    assert "none of the kinds that can be read" in editor.get(page).content.decode()
    with pytest.raises(EditError):
        save_import(pk=upload.pk, now=timezone.now())
    editor.post(f"/admin/studies/citationimport/{upload.pk}/read/", {"kind": "list", "encoding": ""})
    tasks.read_citation_import(upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.kind, upload.n_unreadable) == ("read", "list", 7)
    save_import(pk=upload.pk, now=timezone.now())
    with pytest.raises(EditError, match="saved already"):
        read_again(pk=upload.pk, kind="", encoding="")


def test_only_editors_import(client):
    reader = sign_in("bob")
    upload = bring(NEW)
    for path in ("add/", f"{upload.pk}/change/"):
        assert reader.get(f"/admin/studies/citationimport/{path}").status_code == 403
    for path in ("save", "read"):
        assert reader.post(f"/admin/studies/citationimport/{upload.pk}/{path}/").status_code == 403


def test_an_import_is_thrown_away_and_its_drafts_stay(editor):
    save(NEW)
    upload = CitationImport.objects.get()
    asked = editor.get(f"/admin/studies/citationimport/{upload.pk}/delete/").content.decode()
    assert "entries that were read" in asked.lower()
    editor.post(f"/admin/studies/citationimport/{upload.pk}/delete/", {"post": "yes"})
    assert not CitationImport.objects.exists()
    assert len(drafts()) == 1


def test_a_draft_without_an_identifier_opens_the_form_with_what_the_file_says(editor):
    save(NO_NUMBER.replace("ER  - ", "AU  - Tester, Ada\nAU  - Helper, Bo\nER  - "))
    address = f"/admin/studies/find/{drafts()[0].pk}/decide/"
    answer = editor.post(address, {"action": "take"})
    assert answer["Location"].startswith("/admin/studies/study/add/?")
    assert "title=A talk without a number" in unquote_plus(answer["Location"])
    form = editor.get(answer["Location"]).content.decode()
    assert "A talk without a number" in form
    assert "Tester A\nHelper B" in form
    assert Find.objects.get().state == "taken"


def test_the_command_tells_what_is_in_a_file_and_saves_it_when_asked(tmp_path, monkeypatch):
    path = tmp_path / "refs.ris"
    path.write_text(NEW + NOTHING)
    out = StringIO()
    call_command("import_citations", str(path), stdout=out)
    assert "entry 2, line 7: unreadable, it has neither" in out.getvalue()
    assert "RIS in utf-8: 1 new, 0 same, 0 differ, 1 unreadable" in out.getvalue()
    assert not drafts()
    call_command("import_citations", str(path), "--save", stdout=out)
    assert "1 saved as drafts" in out.getvalue()
    assert len(drafts()) == 1
    path.write_bytes(b"<html>")
    with pytest.raises(CommandError, match="it is a web page"):
        call_command("import_citations", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_citations", str(tmp_path / "missing.ris"))
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": BytesIO(b"10.1000/hiccups")}))
    call_command("import_citations", "-", stdout=out)
    assert "0 new, 1 same" in out.getvalue()
