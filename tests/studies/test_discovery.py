"""Saved searches fill an inbox, over real sockets; editors take or dismiss, and nothing publishes itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.utils import timezone
from redis import Redis

from studies import tasks
from studies.models import Find, SavedSearch, Study, Trial
from studies.services import discovery
from studies.services.imports import read_import, save_import, store_import
from studies.services.registries import client_options
from studies.sources.standin import Fault, Paper, Standin, StandinTrial, papers_of
from tests import make
from tests.studies.admin_world import sign_in
from tests.studies.sources.conftest import HeldClock

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NEW = Paper(
    title="Low-dose naltrexone for gout",
    authors=("Tester A", "Helper B"),
    journal="Journal of tests",
    year=2026,
    doi="10.1000/gout",
    pmid=40000001,
)
OTHER = Paper(title="Ketamine for gout", doi="10.1000/ketamine", pmid=40000002)
QUERY = '"low dose naltrexone"[tiab] OR LDN[tiab]'


@pytest.fixture
def standin(settings, monkeypatch) -> Iterator[Standin]:
    redis = Redis.from_url(site.REDIS_URL)
    for key in redis.scan_iter("bucket:*"):
        redis.delete(key)
    held = HeldClock(1_000_000.0, []).as_clock()
    monkeypatch.setattr(discovery, "client_options", lambda name: {**client_options(name), "clock": held})
    with Standin(papers_of([NEW, OTHER])) as server:
        for name in ("NCBI_URL", "CLINICALTRIALS_URL", "CROSSREF_URL"):
            setattr(settings, name, server.settings[name])
        yield server


@pytest.fixture
def search() -> SavedSearch:
    return SavedSearch.objects.create(name="LDN in PubMed", registry="pubmed", query=QUERY)


@pytest.fixture
def trial_search() -> SavedSearch:
    return SavedSearch.objects.create(name="Trials", registry="clinicaltrials", query="naltrexone")


def make_due() -> None:
    SavedSearch.objects.update(next_search_at=timezone.now() - timedelta(minutes=1))


def inbox(client, query="") -> str:
    return " ".join(client.get(f"/admin/studies/find/{query}").content.decode().split())


def decide(client, find, **data):
    return client.post(f"/admin/studies/find/{find.pk}/decide/", data)


def test_the_task_fills_the_inbox_with_what_and_why(standin, search, editor):
    tasks.discover_studies()
    find = Find.objects.get()
    assert (find.title, find.authors, find.year) == (NEW.title, ["Tester A", "Helper B"], 2026)
    assert (find.doi, find.pmid, find.state, find.duplicate_by) == ("10.1000/gout", 40000001, "new", "")
    match = find.matches.get()
    assert (match.search, match.query, match.words) == (search, QUERY, ["low", "dose", "naltrexone"])
    text = inbox(editor)
    for word in (NEW.title, "Tester A, Helper B", "PMID 40000001", "LDN in PubMed", "low, dose, naltrexone"):
        assert word in text
    assert not Study.objects.exists()


def test_trials_are_found_page_by_page(standin, trial_search):
    for n in range(130):
        standin.papers.add_trial(StandinTrial(f"NCT{n:08}", f"Naltrexone trial {n}", sponsor="A university"))
    tasks.discover_studies()
    assert Find.objects.filter(registry="clinicaltrials").count() == 130
    assert len(standin.requests) == 2
    assert Find.objects.get(registry_id="NCT00000129").authors == ["A university"]
    assert not Trial.objects.exists()


def test_many_papers_are_asked_for_in_batches(standin, search):
    for n in range(250):
        standin.papers.add(Paper(title=f"LDN number {n}", pmid=50000000 + n))
    tasks.discover_studies()
    assert Find.objects.count() == 251
    assert [request.path.rpartition("/")[2] for request in standin.requests] == [
        "esearch.fcgi",
        *["esummary.fcgi"] * 2,
    ]


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ({"doi": "10.1000/gout"}, "DOI"),
        ({"pmid": 40000001}, "PubMed number"),
        (
            {"title": "LOW DOSE NALTREXONE for gout.", "year": 2026, "authors": ["Tester AB"]},
            "title, year and first author",
        ),
    ],
)
def test_what_is_here_already_is_marked(standin, search, editor, fields, by):
    study = make.make_study(**fields)
    tasks.discover_studies()
    find = Find.objects.get()
    assert (find.duplicate_study, find.duplicate_by) == (study, by)
    assert f"by {by}" in inbox(editor)


@pytest.mark.parametrize(
    ("entry", "by"),
    [
        ("TY  - JOUR\nTI  - Another title\nDO  - 10.1000/gout\nER  - \n", "DOI"),
        ("TY  - JOUR\nAN  - 40000001\nDB  - PubMed\nER  - \n", "PubMed number"),
        (
            "TY  - JOUR\nTI  - LOW-DOSE NALTREXONE for gout.\nAU  - Tester, A\nPY  - 2026\nER  - \n",
            "title, year and first author",
        ),
    ],
)
def test_a_paper_that_a_file_has_brought_is_marked_on_both_drafts(standin, search, editor, entry, by):
    brought = imported(entry)
    tasks.discover_studies()
    found = Find.objects.get(registry="pubmed")
    assert (found.duplicate_find, found.duplicate_by) == (brought, by)
    text = inbox(editor)
    for draft, other in ((found, "Imported file"), (brought, "PubMed")):
        words = f"draft from {other}</a> (new), by {by}"
        assert words in text
        assert words in editor.get(f"/admin/studies/find/{draft.pk}/decide/").content.decode()


def test_a_trial_that_a_file_has_brought_is_marked(standin, trial_search):
    standin.papers.add_trial(StandinTrial("NCT00000001", "Naltrexone trial"))
    brought = imported("NCT00000001\n")
    tasks.discover_studies()
    assert Find.objects.get(registry="clinicaltrials").duplicate_find == brought


def test_what_a_search_has_found_is_not_brought_again_by_a_file(standin, search):
    tasks.discover_studies()
    with pytest.raises(Find.DoesNotExist):
        imported("10.1000/gout\n")


def imported(text: str) -> Find:
    """The draft that a file brings."""
    upload = store_import(name="a file", content=text.encode(), now=timezone.now())
    read_import(pk=upload.pk, now=timezone.now())
    save_import(pk=upload.pk, now=timezone.now())
    return Find.objects.get(registry="import")


def test_another_year_is_no_duplicate(standin, search):
    make.make_study(title=NEW.title, year=2020, authors=["Tester A"])
    tasks.discover_studies()
    assert Find.objects.get().duplicate_by == ""


def test_a_trial_that_is_here_is_marked(standin, trial_search):
    standin.papers.add_trial(StandinTrial("NCT00000001", "Naltrexone trial"))
    trial = make.make_trial(registry_id="EUCTR2020", other_ids=["NCT00000001"])
    tasks.discover_studies()
    assert Find.objects.get().duplicate_trial == trial


def test_a_dismissed_find_does_not_come_back(standin, search, editor):
    tasks.discover_studies()
    find = Find.objects.get()
    decide(editor, find, action="dismiss", because="not about people")
    make_due()
    tasks.discover_studies()
    find = Find.objects.get()
    assert (find.state, find.decided_by, find.decided_because) == (
        "dismissed",
        editor.user,
        "not about people",
    )
    assert NEW.title not in inbox(editor)
    assert "not about people" in inbox(editor, "?state=dismissed")


def test_a_dismissal_needs_a_reason(standin, search, editor):
    tasks.discover_studies()
    answer = decide(editor, Find.objects.get(), action="dismiss", because=" ")
    assert "This field is required" in answer.content.decode()
    assert Find.objects.get().state == "new"


def test_a_find_is_put_back(standin, search, editor):
    tasks.discover_studies()
    decide(editor, Find.objects.get(), action="dismiss", because="a mistake")
    decide(editor, Find.objects.get(), action="reopen")
    assert (Find.objects.get().state, Find.objects.get().decided_by) == ("new", None)


def test_taking_a_paper_opens_the_filled_form_and_saves_nothing(standin, search, editor):
    tasks.discover_studies()
    answer = decide(editor, Find.objects.get(), action="take")
    page = editor.get(answer.url, follow=True)
    assert page.redirect_chain[-1][0].startswith("/admin/studies/study/add/")
    assert NEW.title in page.content.decode()
    assert (Find.objects.get().state, Find.objects.get().decided_by) == ("taken", editor.user)
    assert not Study.objects.exists()


def test_taking_a_trial_opens_its_filled_form(standin, trial_search, editor):
    standin.papers.add_trial(StandinTrial("NCT00000001", "Naltrexone trial"))
    tasks.discover_studies()
    answer = decide(editor, Find.objects.get(), action="take")
    assert 'value="NCT00000001"' in editor.get(answer.url).content.decode()
    assert not Trial.objects.exists()


def test_who_may_only_look_decides_nothing(standin, search):
    tasks.discover_studies()
    guest = sign_in("guest")
    assert decide(guest, Find.objects.get(), action="take").status_code == 403
    assert Find.objects.get().state == "new"


def test_running_twice_finds_nothing_twice_and_waits_a_week(standin, search):
    tasks.discover_studies()
    standin.requests.clear()
    tasks.discover_studies()
    assert standin.requests == []
    make_due()
    tasks.discover_studies()
    assert Find.objects.count() == 1


def test_a_resting_search_is_not_put(standin, search):
    SavedSearch.objects.update(is_active=False)
    tasks.discover_studies()
    assert standin.requests == []


FAULTS = [
    ("html", ""),
    ("cut", ""),
    ("empty", ""),
    ("status", "503"),
    ("error inside", ""),
    ("break off", ""),
]


@pytest.mark.parametrize("step", ["esearch", "esummary"])
@pytest.mark.parametrize(("kind", "word"), FAULTS)
def test_a_failure_of_pubmed_is_seen_and_finds_nothing(standin, search, editor, kind, word, step):
    standin.faults.append(Fault(kind, status=503, match=step, times=99))
    tasks.discover_studies()
    search.refresh_from_db()
    assert search.error.startswith("PubMed:")
    assert word in search.error
    assert search.answered_at is None
    assert not Find.objects.exists()
    assert timezone.now() < search.next_search_at < timezone.now() + timedelta(days=1)
    assert "saved search failed" in editor.get("/admin/").content.decode()


@pytest.mark.parametrize(("kind", "word"), [*FAULTS, ("renamed field", "")])
def test_a_failure_of_clinicaltrials_is_seen_and_finds_nothing(standin, trial_search, kind, word):
    standin.papers.add_trial(StandinTrial("NCT00000001", "Naltrexone trial"))
    standin.faults.append(Fault(kind, status=503, match="query.term", times=99))
    tasks.discover_studies()
    trial_search.refresh_from_db()
    assert trial_search.error.startswith("ClinicalTrials.gov:")
    assert word in trial_search.error
    assert not Find.objects.exists()


def test_a_failure_on_the_second_page_keeps_nothing_by_half(standin, trial_search):
    for n in range(130):
        standin.papers.add_trial(StandinTrial(f"NCT{n:08}", f"Naltrexone trial {n}"))
    standin.faults.append(Fault("cut", match="pageToken", times=99))
    tasks.discover_studies()
    assert not Find.objects.exists()


def test_one_failing_search_holds_up_no_other(standin, search, trial_search):
    standin.papers.add_trial(StandinTrial("NCT00000001", "Naltrexone trial"))
    standin.faults.append(Fault("html", match="esearch", times=99))
    tasks.discover_studies()
    assert Find.objects.get().registry_id == "NCT00000001"


def test_a_search_that_failed_is_put_again_and_its_error_goes(standin, search):
    standin.faults.append(Fault("html", match="esearch", times=99))
    tasks.discover_studies()
    standin.faults.clear()
    make_due()
    tasks.discover_studies()
    search.refresh_from_db()
    assert (search.error, search.n_found) == ("", 1)


def test_an_address_that_is_not_set_is_said(settings, search):
    settings.NCBI_URL = ""
    [result] = discovery.discover(now=timezone.now())
    assert "no address of PubMed is set" in result.error


def test_the_command_says_what_came_of_each_search(standin, search, trial_search):
    said = StringIO()
    run = partial(call_command, "discover_studies", "--all", stdout=said)
    run()
    assert "LDN in PubMed: 1 found, 1 new" in said.getvalue()
    standin.faults.append(Fault("html", match="esearch", times=99))
    with pytest.raises(CommandError, match="LDN in PubMed: PubMed"):
        run()


def test_an_editor_enters_a_search_and_a_new_query_is_put_at_once(standin, search, editor):
    tasks.discover_studies()
    address = f"/admin/studies/savedsearch/{search.pk}/change/"
    editor.post(address, {"name": "LDN", "registry": "pubmed", "query": "ketamine", "is_active": "on"})
    tasks.discover_studies()
    assert Find.objects.filter(title=OTHER.title).exists()


def test_the_timetable_lets_no_search_pile_up():
    entry = site.CELERY_BEAT_SCHEDULE["discover-studies"]
    assert entry["options"]["expires"] < entry["schedule"]
