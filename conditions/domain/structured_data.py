"""Pages of conditions, articles and safety in the words of schema.org, as those of studies are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from studies.domain.structured_data import DRUG, Data, condition_data, page_data


class Named(Protocol):
    """What the data of a condition is made from; a code that is None is not yet found."""

    name: Any
    definition: Any
    is_topic: Any
    mesh_id: Any
    icd10: Any
    updated_at: Any


class Written(Protocol):
    """What the data of an article is made from."""

    title: Any
    summary: Any
    reviewed_by: Any
    reviewed_on: Any
    updated_at: Any


def condition_page_data(
    condition: Named, *, synonyms: Sequence[str], article: Written | None, url: str
) -> list[Data]:
    """Return the data of a condition's page; a topic is no condition, and its page is about the drug alone.

    Args:
        condition: the condition or topic.
        synonyms: its other names.
        article: the published article on the page; its review, if there was one, is the page's.
        url: whole address of the page.
    """
    page: dict[str, Any] = {
        "kind": "MedicalWebPage", "url": url, "changed_at": condition.updated_at, **_review(article)
    }  # fmt: skip
    if condition.is_topic:
        return [page_data(**page, name=condition.name, about=[DRUG])]
    names = (("MeSH", condition.mesh_id), ("ICD-10", condition.icd10))
    codes = [
        {"@type": "MedicalCode", "codeValue": code, "codingSystem": system} for system, code in names if code
    ]
    subject = condition_data(
        name=condition.name,
        url=url,
        alternateName=list(synonyms),
        description=condition.definition,
        code=codes,
    )
    name = f"{condition.name} and low-dose naltrexone"
    return [page_data(**page, name=name, about=[{"@id": subject["@id"]}, DRUG]), subject]


def article_data(article: Written, *, url: str) -> list[Data]:
    """Return the data of an article's own page."""
    page = page_data(
        kind="MedicalWebPage", url=url, name=article.title, changed_at=article.updated_at,
        description=article.summary, about=[DRUG], **_review(article),
    )  # fmt: skip
    return [page]


def safety_data(warnings: Sequence[str], *, url: str) -> list[Data]:
    """Return the data of the safety page; `warnings` are the headlines of the facts that mean stop."""
    drug = {**DRUG, "@id": f"{url}#drug", "warning": list(warnings)}
    page = page_data(
        kind="MedicalWebPage",
        url=url,
        name="Safety: who must not take naltrexone",
        about=[{"@id": drug["@id"]}],
    )
    return [page, drug]


def _review(article: Written | None) -> dict[str, Any]:
    """Who reviewed it and when; without a review, nothing."""
    if article is None or not article.reviewed_by:
        return {}
    day: date | datetime = article.reviewed_on
    return {
        "lastReviewed": day.isoformat(),
        "reviewedBy": {"@type": "Person", "name": article.reviewed_by},
    }
