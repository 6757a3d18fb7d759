"""The citation refresh, from the command and the task over a real socket to the rendered page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from redis import Redis

from conditions.models import ComputedVerdict, Question
from conditions.services.corpus import load_corpus, read_directory
from conditions.services.verdicts import recompute_verdicts
from studies import tasks
from studies.models import MetadataProposal, RefreshRun, RegistryCheck, Study
from studies.services import refresh as refresh_module
from studies.services.refresh import describe_registries, record_answer, refresh
from studies.services.registries import open_client
from studies.sources.answer import Unchanged
from studies.sources.standin import Fault, Paper, Standin, papers_of
from tests import make
from tests.studies.sources.conftest import HeldClock

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

PAPER = Paper(
    title="Low-dose naltrexone for something",
    authors=("Tester A", "Helper B"),
    journal="Journal of tests",
    year=2020,
    volume="7",
    doi="10.1000/test",
    pmid=123456,
)


@pytest.fixture
def standin(settings) -> Iterator[Standin]:
    """Both registries, knowing one paper, with their addresses in the settings and a fresh pace."""
    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter("bucket:*"):
        redis.delete(key)
    with Standin(papers_of([PAPER]), keep_limits=False) as server:
        settings.CROSSREF_URL, settings.NCBI_URL = server.crossref_url, server.ncbi_url
        yield server


@pytest.fixture
def no_waiting(settings, monkeypatch) -> None:
    """Clients whose clock does not wait between attempts."""
    settings.CONTACT_EMAIL = "editor@kb.example"
    clock = HeldClock(1_000_000.0, []).as_clock()
    monkeypatch.setattr(refresh_module, "open_client", partial(open_client, clock=clock))


@pytest.fixture
def study() -> Study:
    return make.make_study(title=PAPER.title, year=2020, doi=PAPER.doi, pmid=PAPER.pmid)


def ask(registry: str = "crossref", **options) -> RefreshRun:
    return refresh(registry=registry, now=timezone.now(), **options)


def check_of(study: Study, registry: str = "crossref") -> RegistryCheck:
    return study.registry_checks.get(registry=registry)


def page_of(client, study: Study) -> str:
    return " ".join(client.get(study.get_absolute_url()).content.decode().split())


def test_an_answer_is_stored_and_the_page_says_when(client, standin, study):
    run = ask()
    check = check_of(study)
    study.refresh_from_db()
    assert (run.due, run.asked, run.found) == (1, 1, 1)
    assert (check.answer, check.failures, len(check.body_sha256)) == ("found", 0, 64)
    assert "10.1000/test" in check.body
    assert check.next_check_at > timezone.now() + timedelta(days=6)
    assert study.publication_status == "current"
    page = page_of(client, study)
    assert f"status checked on {timezone.now():%-d %B %Y} in 1 of 5 registries: no notice" in page
    assert "PubMed never asked; OpenAlex never asked" in page


def test_empty_fields_are_filled_and_say_from_where(standin, study):
    ask()
    study.refresh_from_db()
    assert (study.journal, study.volume) == ("Journal of tests", "7")
    origin = study.provenance.get(field="volume")
    assert (origin.registry, origin.quote) == ("crossref", "7")
    assert "2020;7" in study.citation_html


def test_a_difference_with_an_entered_field_becomes_a_proposal(standin, study):
    Study.objects.filter(pk=study.pk).update(volume="6")
    assert ask().proposed == 1
    study.refresh_from_db()
    proposal = study.proposals.get()
    assert study.volume == "6"
    assert (proposal.field, proposal.old, proposal.new, proposal.state) == ("volume", "6", "7", "open")


def test_running_twice_changes_nothing(standin, study):
    Study.objects.filter(pk=study.pk).update(volume="6")
    ask()
    before = Study.objects.values().get(), MetadataProposal.objects.count(), study.provenance.count()
    assert ask().due == 0
    run = ask(keys=[study.key])
    assert (run.asked, run.filled) == (1, 0)
    assert (
        Study.objects.values().get(),
        MetadataProposal.objects.count(),
        study.provenance.count(),
    ) == before


def test_a_rejected_proposal_comes_back_only_with_another_value(standin, study):
    Study.objects.filter(pk=study.pk).update(volume="6")
    ask()
    study.proposals.update(state="rejected", decided_at=timezone.now())
    ask(keys=[study.key])
    assert not study.proposals.filter(state="open").exists()
    standin.papers.add(Paper(**{**PAPER.__dict__, "volume": "8"}))
    ask(keys=[study.key])
    assert study.proposals.get(state="open").new == "8"


def test_what_the_registry_filled_itself_follows_the_registry(standin, study):
    ask()
    standin.papers.add(Paper(**{**PAPER.__dict__, "volume": "8"}))
    ask(keys=[study.key])
    study.refresh_from_db()
    assert study.volume == "8"
    assert not study.proposals.exists()


def test_an_identifier_of_another_study_is_proposed_and_not_taken(standin, study):
    other = make.make_study(pmid=PAPER.pmid + 1)
    Study.objects.filter(pk=study.pk).update(pmid=None)
    Study.objects.filter(pk=other.pk).update(pmid=PAPER.pmid)
    standin.papers.add(PAPER)
    run = ask()
    study.refresh_from_db()
    assert run.error == ""
    assert study.pmid is None


def test_another_paper_under_the_identifier_is_a_conflict_and_changes_nothing(client, standin, study):
    Study.objects.filter(pk=study.pk).update(title="A survey of something else entirely", year=1999)
    run = ask()
    check = check_of(study)
    study.refresh_from_db()
    assert (run.conflicts, run.filled, run.proposed) == (1, 0, 0)
    assert check.answer == "conflict"
    assert "the title there is" in check.detail
    assert (study.journal, study.publication_status) == (None, "unknown")
    assert "has another paper under this identifier" in page_of(client, study)


def test_a_retraction_reaches_the_page(client, standin, study):
    notice = {"DOI": "10.1000/notice", "type": "retraction", "label": "Retraction", "source": "publisher",
              "updated": {"date-parts": [[2024, 2, 3]]}}  # fmt: skip
    standin.papers.add(Paper(**{**PAPER.__dict__, "updated_by": (notice,)}))
    ask()
    study.refresh_from_db()
    assert study.publication_status == "retracted"
    page = page_of(client, study)
    assert "Retraction, 3 February 2024" in page
    assert page.index("Retraction, 3 February 2024") < page.index("What they did and found")


def test_a_retraction_that_a_registry_reports_reaches_the_verdicts_and_articles_at_once(standin, study):
    ask()
    condition, claim = make.make_condition(), make.make_claim()
    study.study_conditions.create(condition=condition)
    claim.claim_conditions.create(condition=condition)
    Question.objects.create(
        claim=claim, kind="efficacy", domains=["pain"], comparator="placebo", claimed_direction="favours_ldn"
    )
    given, other = make.make_arm(study, dose_mg="4.5"), make.make_arm(study, role="placebo")
    sides = {"intervention": {"arm": given}, "comparator": {"arm": other}}
    make.make_outcome(study, is_primary=True, direction="favours_ldn", results=sides)
    recompute_verdicts(now=timezone.now())
    assert ComputedVerdict.objects.get().word == "partly_supported"
    notice = {"DOI": "10.1000/notice", "type": "retraction", "source": "publisher"}
    standin.papers.add(Paper(**{**PAPER.__dict__, "updated_by": (notice,)}))
    ask(keys=[study.key])
    assert ComputedVerdict.objects.get().word is None


def test_a_notice_that_vanishes_lifts_nothing(standin, study):
    notice = {"DOI": "10.1000/notice", "type": "retraction", "source": "publisher"}
    standin.papers.add(Paper(**{**PAPER.__dict__, "updated_by": (notice,)}))
    ask()
    standin.papers.add(PAPER)
    ask(keys=[study.key])
    study.refresh_from_db()
    assert study.publication_status == "retracted"


def test_a_paper_with_a_notice_in_one_registry_only_is_asked_about_daily(standin, study):
    ask("pubmed")
    notice = {"DOI": "10.1000/notice", "type": "retraction", "source": "publisher"}
    standin.papers.add(Paper(**{**PAPER.__dict__, "updated_by": (notice,)}))
    ask()
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    assert all(check.next_check_at <= tomorrow for check in study.registry_checks.all())


FAULTS = {
    "429 with seconds": Fault("status", status=429, retry_after="90", times=9),
    "429 with a date": Fault("status", status=429, retry_after="Fri, 01 Jan 2100 00:00:00 GMT", times=9),
    "503": Fault("status", status=503, retry_after="100", times=9),
    "403": Fault("status", status=403, times=9),
    "HTML": Fault("html", times=9),
    "empty 200": Fault("empty", times=9),
    "cut-off answer": Fault("cut", times=9),
    "error inside 200": Fault("error inside", times=9),
    "redirect loop": Fault("redirect loop", times=9),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("registry", ["crossref", "pubmed"])
def test_a_fault_is_seen_and_changes_no_fact(client, standin, no_waiting, study, name, registry):
    ask(registry)
    before = Study.objects.values().get()
    standin.faults.append(FAULTS[name])
    run = ask(registry, keys=[study.key])
    check = check_of(study, registry)
    assert Study.objects.values().get() == before
    assert run.failed == 1
    assert run.error
    assert (check.answer, check.failures) == ("failed", 1)
    assert check.body
    assert describe_registries()[registry]["state"] == "failing"
    today = f"{timezone.now():%-d %B %Y}"
    assert f"not reachable since {today}, last answer {today}" in page_of(client, study)
    assert "no notice" not in page_of(client, study)


def test_the_page_says_since_when_a_registry_is_down_and_an_answer_ends_it(
    client, standin, no_waiting, study
):
    ask()
    standin.faults.append(Fault("empty", times=99))
    ask(keys=[study.key])
    study.registry_checks.update(failing_since=timezone.now() - timedelta(days=30))
    ask(keys=[study.key])
    since = timezone.now() - timedelta(days=30)
    assert check_of(study).failures == 2
    assert f"Crossref not reachable since {since:%-d %B %Y}" in page_of(client, study)
    standin.faults.clear()
    ask(keys=[study.key])
    assert check_of(study).failing_since is None
    assert "Crossref not reachable" not in page_of(client, study)


def test_what_changed_says_since_when_nothing_could_be_checked(settings, client, standin, no_waiting, study):
    ask()
    settings.CROSSREF_URL = "http://127.0.0.1:9"  # where nobody answers
    started = ask(keys=[study.key]).started_at
    page = " ".join(client.get("/changes/").content.decode().split())
    assert f"nothing could be checked there since {started:%-d %B %Y, %H:%M} UTC" in page
    assert page.count("nothing could be checked there") == 1


def say_unchanged(study: Study) -> RefreshRun:
    run = RefreshRun.objects.create(registry="crossref", started_at=timezone.now())
    record_answer(study=study, registry="crossref", answer=Unchanged("v2"), now=timezone.now(), run=run)
    return run


def test_unchanged_after_failures_brings_the_last_word_back(client, standin, no_waiting, study):
    ask()
    standin.faults.append(Fault("empty", times=99))
    ask(keys=[study.key])
    run = say_unchanged(study)
    check = check_of(study)
    assert (check.answer, check.failures, check.failing_since, check.detail) == ("found", 0, None, "")
    assert check.found_at == check.answered_at
    assert (run.asked, run.failed) == (1, 0)
    assert "in 1 of 5 registries: no notice" in page_of(client, study)


@pytest.mark.parametrize("doi", ["10.1000/unknown", "10.1000/test"])
def test_unchanged_where_no_last_word_is_on_record_is_a_failure(standin, no_waiting, study, doi):
    """Nothing was ever said, or what was said last is not known any more: neither may turn into "found"."""
    Study.objects.filter(pk=study.pk).update(doi=doi)
    if doi == "10.1000/unknown":
        ask()
    standin.faults.append(Fault("empty", times=99))
    ask(keys=[study.key])
    run = say_unchanged(study)
    check = check_of(study)
    assert (check.answer, check.failures, run.failed) == ("failed", 2, 1)
    assert "not on record" in check.detail


def test_a_paper_that_the_registry_does_not_know_is_never_current(client, standin):
    unknown = make.make_study(doi="10.1000/unknown")
    assert ask().unknown == 1
    unknown.refresh_from_db()
    assert unknown.publication_status == "unknown"
    assert "does not know the paper" in page_of(client, unknown)


def test_a_failure_after_an_unknown_answer_does_not_make_it_current(standin, no_waiting):
    unknown = make.make_study(doi="10.1000/unknown")
    ask()
    standin.faults.append(Fault("empty", times=9))
    ask(keys=[unknown.key])
    unknown.refresh_from_db()
    assert unknown.publication_status == "unknown"


def test_a_doi_with_a_comma_is_asked_about_alone_and_the_others_are_answered(standin, study):
    odd = make.make_study(title="A paper with a comma", doi="10.1000/a,b")
    standin.papers.add(Paper(title="A paper with a comma", year=2020, doi="10.1000/a,b"))
    run = ask()
    assert (run.found, run.failed) == (2, 0)
    assert check_of(odd).answer == "found"


def test_a_hundred_papers_take_two_requests(standin):
    for n in range(100):
        make.make_study(title=f"Paper {n}", doi=f"10.1000/p{n}")
        standin.papers.add(Paper(title=f"Paper {n}", year=2020, doi=f"10.1000/p{n}"))
    run = ask()
    assert run.found == 100
    assert len(standin.requests) == 2


def test_one_registry_that_is_down_holds_up_no_other(settings, standin, no_waiting, study):
    settings.CROSSREF_URL = "http://127.0.0.1:9"
    output, errors = StringIO(), StringIO()
    call_command("refresh_citations", "--wait", stdout=output, stderr=errors)
    assert "crossref: 1 due, 1 asked, 0 found" in output.getvalue()
    assert "pubmed: 1 due, 1 asked, 1 found" in output.getvalue()
    assert "no connection" in errors.getvalue()


def test_the_command_asks_about_one_study_and_refuses_one_that_is_not_there(standin, study):
    output = StringIO()
    call_command("refresh_citations", "--study", study.key, "--registry", "pubmed", "--wait", stdout=output)
    assert output.getvalue().startswith("pubmed: 1 due, 1 asked, 1 found")
    with pytest.raises(CommandError, match="There is no study nobody"):
        call_command("refresh_citations", "--study", "nobody")


def test_the_tasks_do_the_same(standin, study):
    tasks.refresh_registry("crossref")
    tasks.refresh_studies([study.key], ["pubmed"])
    assert set(study.registry_checks.values_list("registry", "answer")) == {
        ("crossref", "found"),
        ("pubmed", "found"),
    }


def test_the_mail_address_reaches_no_log_and_no_row(standin, no_waiting, study, caplog):
    standin.faults.append(Fault("status", status=500, times=9))
    caplog.set_level("DEBUG")
    ask()
    ask("pubmed")
    stored = str(list(RegistryCheck.objects.values())) + str(list(RefreshRun.objects.values()))
    assert "editor@kb.example" not in caplog.text
    assert "editor@kb.example" not in stored
    assert any("editor" in str(request) for request in standin.requests)


def test_loading_the_corpus_again_keeps_what_a_registry_filled(standin):
    files = read_directory(settings.EVIDENCE_DIR)
    wanted = ("conditions.yaml", "studies/bruun2024.yaml")
    files = {name: files[name] for name in wanted}
    load_corpus(files=files)
    loaded = Study.objects.get(key="bruun2024")
    assert loaded.pmcid is None
    paper = {"title": loaded.title, "authors": tuple(loaded.authors), "year": 2024, "pmid": loaded.pmid}
    standin.papers.add(Paper(**paper, doi=loaded.doi, pmcid="PMC999"))
    ask("pubmed")
    report = load_corpus(files=files)
    loaded.refresh_from_db()
    assert loaded.pmcid == "PMC999"
    assert report.kept == ["study bruun2024: pmcid, provenance"]
