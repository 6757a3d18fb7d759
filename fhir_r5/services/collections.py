"""Finding resources: one by its id, a page of a kind, and all that a condition's answers rest on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from django.conf import settings

from conditions.models import Certainty, Condition, Pool
from fhir_r5.domain.codes import Json
from fhir_r5.domain.shapes import make_id
from fhir_r5.services import evidence, variables
from fhir_r5.services.assessments import risk_of_bias
from fhir_r5.services.citations import citation
from fhir_r5.services.research_studies import registered_trial, research_study
from studies.models import Study, Trial
from studies.models.study import StudyQuerySet
from studies.models.trial import TrialQuerySet

KINDS = ("Citation", "Evidence", "EvidenceVariable", "ArtifactAssessment", "ResearchStudy")
CHUNK = 50


def find(kind: str, ident: str) -> Json | None:
    """Return the resource of that kind and id, or None: nothing, or nothing that is published."""
    study = _studies().filter(key=ident.partition(".")[0]).first()
    found = _named(of_study(study), kind, ident) if study else None
    if found is None and kind == "ResearchStudy":
        numbers = Trial.objects.values_list("registry_id", flat=True)
        number = next((number for number in numbers if make_id(number) == ident), None)
        return registered_trial(_trials().get(registry_id=number)) if number else None
    if found is None and kind == "EvidenceVariable":
        return _named(variables.shared(), kind, ident)
    if found is None and kind == "Evidence":
        slug = ident.partition(".")[0]
        return _named(of_questions(Condition.objects.filter(slug=slug)), kind, ident)
    return found


def of_kind(kind: str, *, after: str = "") -> Iterator[Json]:
    """Yield the resources of a kind in a lasting order: those of studies by key, then what they share.

    Args:
        kind: one of KINDS.
        after: id of the last resource that is known already; read from the next one on.
    """
    key = after.partition(".")[0]
    studies = _studies().order_by("key")
    resumed = studies.filter(key__gte=key) if Study.objects.filter(key=key).exists() else studies
    rows = chain(chain.from_iterable(map(of_study, resumed.iterator(chunk_size=CHUNK))), _others(kind))
    kept = (row for row in rows if row["resourceType"] == kind)
    if after:
        for row in kept:
            if row["id"] == after:
                break
    yield from kept


def everything() -> Iterator[Json]:
    """Yield every resource once: those of studies by key, then what they share and what stands alone."""
    yield from chain.from_iterable(map(of_study, _studies().order_by("key").iterator(chunk_size=CHUNK)))
    yield from chain.from_iterable(map(_others, KINDS))


def of_study(study: Study) -> Iterator[Json]:
    """Yield all resources of one study; fetch it with its record and conditions beforehand."""
    yield citation(study)
    yield research_study(study)
    yield from filter(None, [risk_of_bias(study)])
    yield from variables.of_study(study)
    yield from evidence.of_study(study)


def of_condition(condition: Condition) -> Iterator[Json]:
    """Yield what a condition's answers say and rest on: questions, what they share, and every study of it."""
    yield from of_questions(Condition.objects.filter(pk=condition.pk))
    asked_with = ("exposure.", "comparator.", "outcome.", f"{make_id('population', condition.slug)}")
    yield from (row for row in variables.shared() if row["id"].startswith(asked_with))
    yield from chain.from_iterable(map(of_study, _studies().for_condition(condition).order_by("key")))
    yield from map(registered_trial, _trials().for_condition(condition).order_by("registry_id"))


def of_questions(conditions: Iterable[Condition]) -> Iterator[Json]:
    """Yield the Evidence of every question of the conditions."""
    pools: dict[tuple[int, str, str], list[Pool]] = defaultdict(list)
    for pool in Pool.objects.with_studies().filter(condition__in=conditions):
        pools[pool.condition_id, pool.domain, pool.comparator].append(pool)
    rows = Certainty.objects.filter(condition__in=conditions).select_related("condition")
    for row in rows.order_by("condition__slug", "domain", "comparator"):
        yield evidence.of_question(row, pools[row.condition_id, row.domain, row.comparator])


def bundle(kind: str, resources: Iterable[Json], **fields: object) -> Json:
    """Return a Bundle of the resources (https://hl7.org/fhir/R5/bundle.html)."""
    entries = [_entry(row, kind) for row in resources]
    return {"resourceType": "Bundle", "type": kind, **fields, **({"entry": entries} if entries else {})}


def _entry(row: Json, kind: str) -> Json:
    address = f"{settings.PUBLIC_URL}/fhir/{row['resourceType']}/{row['id']}"
    found = {"search": {"mode": "match"}} if kind == "searchset" else {}
    return {"fullUrl": address, "resource": row, **found}


def _others(kind: str) -> Iterator[Json]:
    if kind == "ResearchStudy":
        yield from map(registered_trial, _trials().order_by("registry_id"))
    elif kind == "EvidenceVariable":
        yield from variables.shared()
    elif kind == "Evidence":
        yield from of_questions(Condition.objects.all())


def _named(rows: Iterable[Json], kind: str, ident: str) -> Json | None:
    return next((row for row in rows if (row["resourceType"], row["id"]) == (kind, ident)), None)


def _studies() -> StudyQuerySet:
    return Study.objects.published().with_record().with_conditions()


def _trials() -> TrialQuerySet:
    return Trial.objects.with_conditions().select_related("results")
