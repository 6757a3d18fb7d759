"""A paper as Citation (https://hl7.org/fhir/R5/citation.html): what to cite, and whether it still stands."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from fhir_r5.domain.codes import ARTIFACT_STATE, ARTIFACT_STATES, CONTRIBUTORS, Json
from fhir_r5.domain.shapes import keep, notes, resource
from studies.domain.vocabulary import LABELS, PublicationStatus
from studies.models import Notice, Study
from studies.services.ledger import describe_status

DOI, PUBMED = "https://doi.org", "https://pubmed.ncbi.nlm.nih.gov"
PMC = "https://pmc.ncbi.nlm.nih.gov"
# Notices that FHIR's list of relations has a word for.
RELATIONS = {
    Notice.Kind.RETRACTION: "retracted-by",
    Notice.Kind.REPUBLICATION: "retracted-by",
    Notice.Kind.CORRECTION: "correction-in",
}


def citation(study: Study) -> Json:
    """Return the Citation of a study's paper; fetch its notices and registry_checks beforehand.

    `status` is of our entry. What became of the paper is in `citedArtifact.currentState` where FHIR has a
    word for it, and always in the notes, with when which registry was asked.
    """
    return resource(
        "Citation",
        study.key,
        url=f"{settings.PUBLIC_URL}/fhir/Citation/{study.key}",
        title=study.title,
        status="active",
        note=notes([f"{describe_status(study)}.".capitalize(), *study.unverified]),
        citedArtifact=_artifact(study),
    )


def _artifact(study: Study) -> Json:
    state = ARTIFACT_STATES.get(PublicationStatus(study.publication_status))
    words = LABELS[PublicationStatus(study.publication_status)]
    return keep(
        identifier=list(_identifiers(study)),
        currentState=[ARTIFACT_STATE.concept(state) if state else {"text": words}],
        title=[{"text": study.title}],
        publicationForm=[_form(study)],
        webLocation=[{"url": url} for url in _addresses(study)],
        relatesTo=list(_notices(study)),
        contributorship=_contributors(study),
    )


def _identifiers(study: Study) -> Iterator[Json]:
    """The identifiers' own systems are their resolvers' addresses (https://hl7.org/fhir/R5/identifier-registry.html)."""
    for system, value in ((DOI, study.doi), (PUBMED, study.pmid), (PMC, study.pmcid)):
        if value:
            yield {"system": system, "value": str(value)}


def _addresses(study: Study) -> Iterator[str]:
    if study.doi:
        yield f"{DOI}/{study.doi}"
    if study.pmid:
        yield f"{PUBMED}/{study.pmid}/"
    yield f"{settings.PUBLIC_URL}{study.get_absolute_url()}"


def _form(study: Study) -> Json:
    journal = keep(type={"text": "Journal"}, title=study.journal or study.journal_abbrev)
    return keep(
        publishedIn=journal if "title" in journal else None,
        volume=study.volume,
        issue=study.issue,
        articleDate=str(study.year) if study.year else None,
        pageString=study.pages,
    )


def _contributors(study: Study) -> Json:
    if not study.authors:
        return {}
    names = ", ".join(study.authors)
    return {
        "complete": False,
        "entry": [
            {"contributor": {"display": name}, "rankingOrder": i} for i, name in enumerate(study.authors, 1)
        ],
        "summary": [{"type": CONTRIBUTORS.concept("author-string"), "value": names}],
    }


def _notices(study: Study) -> Iterator[Json]:
    for notice in study.notices.all():
        relation = RELATIONS.get(Notice.Kind(notice.kind))
        if relation and not notice.is_dismissed:
            day = notice.dated_on.isoformat() if notice.dated_on else notice.date_text
            words = f"{notice.get_kind_display()}, reported by {notice.get_registry_display()}"
            document = {"url": f"{DOI}/{notice.notice_doi}"} if notice.notice_doi else None
            yield keep(type=relation, display=f"{words}, {day}" if day else words, document=document)
