"""Studies with all their parts, many at once, for the tests of the editors' pages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from conditions.models import (
    AnswerChange,
    ArticleRevision,
    Claim,
    ClaimCondition,
    ClaimEvidence,
    Collection,
    ComputedVerdict,
    Condition,
    Omission,
    PoolStudy,
    Question,
    Reference,
    Release,
    ReleaseFile,
    SafetyFactStudy,
    StatusChange,
    Synonym,
    VerdictFinding,
    VocabularySource,
)
from readers.models import PageAnswer, ProblemReport
from studies.models import (
    CitationImport,
    Correction,
    EditorTask,
    Find,
    FindMatch,
    ImportRow,
    Instrument,
    MetadataProposal,
    Notice,
    RefreshRun,
    Registry,
    RegistryCheck,
    RegistryEdition,
    RegistryLease,
    SavedSearch,
    SecondReading,
    Study,
    TitrationStep,
    TrialCondition,
)
from studies.services.editing import check_rules_now
from tests import make

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sign_in(name: str, *, group: str | None = None, **flags: Any) -> Client:
    """A browser of a member of staff, who is reached as `client.user`."""
    user = get_user_model().objects.create_user(name, password="not asked in tests", is_staff=True, **flags)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def one_study(number: int = 1, **fields: Any) -> Study:
    """A published study with an arm, a dose, an outcome, a side effect and everything the registries add."""
    values = {
        "key": f"author{1960 + number % 140}{'abcdefghijklmnopqrstuvwxyz'[number // 140]}",
        "title": f"Trial number {number}",
        "authors": ["Author A", "Other B"],
        "year": 2013,
        "doi": f"10.1000/trial.{number}",
        "pmid": number,
        "limitations": ["Small, and short.", "One centre."],
    }
    condition = make.make_condition(name=f"Condition {number}")
    Synonym.objects.create(condition=condition, name="Other name")
    study = make.make_study(conditions=[condition], **{**values, **fields})
    _add_facts(study)
    _add_answers(study, condition, number)
    _add_registries(study)
    _add_report(study)
    check_rules_now()  # as the end of a transaction would
    return study


def _add_facts(study: Study) -> None:
    arm = make.make_arm(study, dose_mg="4.50", name="LDN", n=31)
    placebo = make.make_arm(study, name="Placebo", role="placebo", n=30, position=1)
    TitrationStep.objects.create(dose=arm.dose, at_number=1, amount_mg=Decimal("1.5"))
    make.make_outcome(
        study,
        name="Pain",
        results={
            "intervention": {"arm": arm, "events": 5, "n": 31},
            "comparator": {"arm": placebo, "events": 7, "n": 30},
        },
        effect={"measure": "RR", "value": "0.69", "ci_low": "0.25", "ci_high": "1.93"},
    )
    if study.is_randomised:
        make.make_judgement(study)
    make.make_side_effect_report(
        study, reported_name="vivid dreams", counts={"intervention": {"arm": arm, "events": 3, "n": 31}}
    )


def _add_answers(study: Study, condition: Condition, number: int) -> None:
    make.make_certainty(condition=condition)
    _add_pool(study, condition)
    trial = make.make_trial(results=study, status="Completed", phase="2")
    TrialCondition.objects.create(trial=trial, condition=condition)
    claim = make.make_claim()
    ClaimCondition.objects.create(claim=claim, condition=condition)
    ClaimEvidence.objects.create(claim=claim, study=study, stance="context")
    Reference.objects.create(claim=claim, title="A label", kind="primary", url="https://label.example/1")
    _add_verdict(claim, study)
    Omission.objects.create(slug=f"omission-{number}", statement="Not said.", why="It matters.")
    SafetyFactStudy.objects.create(fact=make.make_safety_fact(), study=study)
    article = make.make_article(condition=condition)
    ArticleRevision.objects.create(article=article, title="A", summary="B", body="C", saved_at=NOW)
    Collection.objects.create(slug=f"collection-{number}", title="A file", checked_on="2026-01-01")
    VocabularySource.objects.create(url=f"https://codes.example/{number}", used_for="codes")
    release = Release.objects.create(
        name=f"2026-01-01.{number}", day="2026-01-01", made_at=NOW, content_sha256="0"
    )
    ReleaseFile.objects.create(release=release, name="a.csv", content=b"a", size=1, sha256="0")


def _add_verdict(claim: Claim, study: Study) -> None:
    """A question, and a computed verdict other than the first reader's."""
    Question.objects.create(
        claim=claim,
        kind="efficacy",
        domains=["pain"],
        comparator="placebo",
        claimed_direction="favours_ldn",
    )
    verdict = ComputedVerdict.objects.create(
        claim=claim, word="not_supported", reason="None shows it.", version="1", steps=[], computed_at=NOW
    )
    VerdictFinding.objects.create(
        verdict=verdict,
        position=0,
        place="no_difference",
        reason="no difference shown",
        study=study,
        outcome=study.outcomes.get(),
    )


def _add_pool(study: Study, condition: Condition) -> None:
    """A pool of one study, on one scale, and the change that its paper's status made."""
    outcome = study.outcomes.get()
    Instrument.objects.create(slug=f"scale-of-{study.key}", name="Pain, 0 to 10", reported_as=[study.key])
    PoolStudy.objects.create(
        pool=make.make_pool(condition=condition),
        position=0,
        study=study,
        outcome=outcome,
        is_in=True,
        estimate=-0.5,
        ci_low=-1.0,
        ci_high=0.0,
        weight_percent=100.0,
        candidate={"risk_of_bias": None},
    )
    change = AnswerChange.objects.create(
        at=NOW, cause="status", summary="1 pool changed.", lines=[], pages=["/conditions/"]
    )
    StatusChange.objects.create(change=change, study=study, before="current", after="retracted")


def _add_registries(study: Study) -> None:
    reading = SecondReading.objects.create(study=study, read_on="2026-01-01", agreed=["n"], not_seen=["SD"])
    Correction.objects.create(reading=reading, field="n", was=30, now=31, why="Table 1 says 31.")
    RegistryCheck.objects.create(
        study=study, registry="crossref", asked_at=NOW, answered_at=NOW, answer="found", next_check_at=NOW
    )
    Notice.objects.create(
        study=study, kind="correction", raw_kind="erratum", registry="crossref", first_seen_at=NOW
    )
    MetadataProposal.objects.create(
        study=study, registry="crossref", field="volume", old=None, new="65", proposed_at=NOW
    )
    # One edition a registry, however many studies.
    registry = Registry.values[study.pk % len(Registry.values)]
    RegistryEdition.objects.get_or_create(registry=registry, defaults={"version": "1", "accepted_at": NOW})
    EditorTask.objects.create(
        kind="identity", study=study, registry="crossref", detail="Another title.", opened_at=NOW
    )
    RegistryLease.objects.create(study=study, registry="crossref", expires_at=NOW)
    _add_find(study)
    RefreshRun.objects.create(registry="crossref", started_at=NOW, finished_at=NOW, due=1, asked=1)


def _add_report(study: Study) -> None:
    """What a reader reported about the study's page, answered there."""
    editor, _ = get_user_model().objects.get_or_create(username="answers")
    report = ProblemReport.objects.create(
        page=study.get_absolute_url(),
        words="A number is wrong.",
        received_at=NOW,
        state="answered",
        decided_by=editor,
        decided_at=NOW,
    )
    PageAnswer.objects.create(report=report, page=report.page, text="Mended.", answered_on=NOW.date())


def _add_find(study: Study) -> None:
    """A paper that a saved search found, and that is here already."""
    search = SavedSearch.objects.create(name=f"Search {study.pk}", registry="pubmed", query="naltrexone")
    find = Find.objects.create(
        registry="pubmed",
        identifier=str(study.pk),
        title=study.title,
        first_found_at=NOW,
        last_found_at=NOW,
        duplicate_study=study,
        duplicate_by="title",
    )
    FindMatch.objects.create(find=find, search=search, query=search.query, words=["trial"])
    whole = CitationImport.objects.create(
        name="references.ris", content=b"TY", size=2, sha256="0", uploaded_at=NOW, state="read", n_same=1
    )
    ImportRow.objects.create(
        citation_import=whole, number=1, line=1, state="same", citation={"title": study.title}, find=find
    )


def page_of(row: Any) -> str:
    """The address of a row's page in the admin."""
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
