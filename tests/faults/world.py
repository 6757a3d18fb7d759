"""Papers in the database and at the registries, and what must hold of them whatever has happened."""

from __future__ import annotations

from collections import Counter

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from conditions.models import AnswerChange, Article, ClaimCondition, Pool, Question
from conditions.services.answers import refresh_answers
from conditions.services.articles import save_article
from studies.models import Instrument, Notice, RefreshRun, RegistryCheck, RegistryLease, Study
from studies.sources.standin import Paper, Papers, Said, papers_of
from tests import make
from tests.conditions.test_verdicts import trial

REGISTRIES = ("crossref", "pubmed", "openalex", "europepmc", "retraction_watch")
N_PAPERS = 5


def empty() -> None:
    """Every table of the rooms without a row."""
    rooms = ("studies", "conditions", "pages", "search")
    tables = [model._meta.db_table for room in rooms for model in apps.get_app_config(room).get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


@transaction.atomic
def fill() -> Papers:
    """Make two trials on which a pool, a verdict and an article lean, and more papers.

    Returns what registries know: of a retraction of the first, of which nothing is known here yet.
    """
    condition = make.make_condition(slug="gout", name="Gout")
    claim = make.make_claim(verdict="supported")
    ClaimCondition.objects.create(claim=claim, condition=condition)
    Question.objects.create(
        claim=claim,
        kind="efficacy",
        domains=["pain"],
        comparator="placebo",
        claimed_direction="favours_ldn",
    )
    Instrument.objects.create(slug="nrs", name="Pain, 0 to 10", reported_as=["NRS"])
    for _ in range(2):
        _, outcome, _ = trial(condition)
        outcome.instrument, outcome.better = "NRS", "lower"
        outcome.save()
    for _ in range(N_PAPERS - 2):
        make.make_study()
    for number, study in enumerate(Study.objects.order_by("pk"), start=1):
        study.doi, study.pmid = f"10.1000/paper{number}", 1000 + number
        study.save()
    now = timezone.now()
    refresh_answers(now=now)
    figure = '[]{.figure kind=pool question="gout/pain/placebo/MD"}'
    body = (
        "## For patients\n\nSee [the safety page](/safety/).\n\n"
        f"## For clinicians\n\nIt pools to {figure} [@{first().key}].\n"
    )
    save_article(article=Article(slug="a", title="Gout", summary="S", body=body), publish=True, now=now)
    call_command("rebuild_search", verbosity=0)
    return papers_of(_at_the_registries(study) for study in Study.objects.order_by("pk"))


def first() -> Study:
    return Study.objects.order_by("pk")[0]


def _at_the_registries(study: Study) -> Paper:
    said = (Said("retraction", notice_pmid=77),) if study == first() else ()
    known = {name: getattr(study, name) for name in ("title", "year", "doi", "pmid")}
    return Paper(**known, authors=tuple(study.authors), notices=said)


def is_settled() -> bool:
    """Every paper was answered by every registry, and no run is under way."""
    answered = RegistryCheck.objects.filter(answered_at__isnull=False).exclude(answer="failed")
    return (
        answered.count() == N_PAPERS * len(REGISTRIES)
        and not RefreshRun.objects.filter(finished_at__isnull=True).exists()
        and not RegistryLease.objects.exists()
    )


def answers() -> tuple[object, ...]:
    """What leans on the papers: status, pool, article, and how often that was changed."""
    pool, article = Pool.objects.get(measure="MD"), Article.objects.get()
    return first().publication_status, pool.k, article.clinician_html, AnswerChange.objects.count()


def check_all_before(before: tuple[object, ...]) -> None:
    """Nothing at all of the retraction has arrived."""
    assert answers() == before
    assert not Notice.objects.exists()
    assert not RegistryCheck.objects.filter(registry="crossref").exists()


def check_whole() -> None:
    """Each paper was asked about in each registry and counted once, and all that leans on it agrees."""
    pairs = Counter(RegistryCheck.objects.values_list("study", "registry"))
    assert len(pairs) == N_PAPERS * len(REGISTRIES)
    assert set(pairs.values()) == {1}
    for registry in REGISTRIES:
        runs = RefreshRun.objects.filter(registry=registry)
        assert sum(run.found + run.unknown for run in runs) == N_PAPERS, registry
        assert all(run.finished_at for run in runs)
    assert not RegistryLease.objects.exists()
    notices = Counter(Notice.objects.values_list("study", "registry"))
    assert set(notices.values()) == {1}
    assert {study for study, _ in notices} == {first().pk}
    check_cascade()


def check_cascade() -> None:
    """The retraction is everywhere, once; what is stored is what a fresh computation gives."""
    status, k, _, changes = answers()
    assert (status, k, changes) == ("retracted", 1, 1)
    call_command("check_pools", verbosity=0)
    call_command("check_verdicts", verbosity=0)
    call_command("check_search", verbosity=0)
