"""Pages' facts in the words of schema.org, as JSON-LD: nothing that the page does not say, and no rating.

Vocabulary: https://schema.org/docs/meddocs.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from studies.domain.citation import Cited
from studies.domain.reference import SITE, Item, year_of
from studies.domain.vocabulary import Blinding, Design, DesignGroup, group_of

Data = dict[str, Any]

CONTEXT = "https://schema.org"
STUDY_TYPES = {
    DesignGroup.RANDOMISED: "MedicalTrial",
    DesignGroup.OTHER_TRIAL: "MedicalTrial",
    DesignGroup.OBSERVATIONAL: "MedicalObservationalStudy",
}
BLINDINGS = {
    Blinding.NONE: "OpenTrial",
    Blinding.SINGLE: "SingleBlindedTrial",
    Blinding.DOUBLE: "DoubleBlindedTrial",
}
# What "<" and its like would end or begin in the page around; JSON reads the escapes as the signs.
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
DRUG: Data = {"@type": "Drug", "name": "naltrexone", "nonProprietaryName": "naltrexone"}


class Studied(Cited, Protocol):
    """What the data of a study's page is made from."""

    design: Any
    blinding: Any
    country: Any
    conclusion: Any
    registry_ids: Any
    updated_at: Any


class Registered(Protocol):
    """What the data of a registered trial's page is made from."""

    registry_id: Any
    other_ids: Any
    title: Any
    sponsor: Any
    source_url: Any
    updated_at: Any


def write_json_ld(parts: Sequence[Data]) -> str:
    """Return the data as JSON that may stand in a script element of any page: no "<", ">" or "&" is in it.

    >>> write_json_ld([{"name": "</script>"}])
    '{"@context":"https://schema.org","@graph":[{"name":"\\\\u003c/script\\\\u003e"}]}'
    """
    whole = {"@context": CONTEXT, "@graph": [_without_gaps(part) for part in parts]}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).translate(UNSAFE)


def _without_gaps(data: Data) -> Data:
    """What is not known is left out, never empty."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def page_data(*, kind: str, url: str, name: str, changed_at: Any = None, **more: Any) -> Data:
    """Return the data of a page.

    Args:
        kind: its schema.org type, such as MedicalWebPage.
        url: whole address, also its @id.
        name: its heading.
        changed_at: when its record changed last.
        more: other properties; what is None is left out.
    """
    return _without_gaps(
        {
            "@type": kind,
            "@id": url,
            "url": url,
            "name": name,
            "inLanguage": "en",
            "isAccessibleForFree": True,
            "dateModified": changed_at.isoformat() if changed_at else None,
            "publisher": {"@type": "Organization", "name": SITE},
            **more,
        }
    )


def condition_data(*, name: str, url: str, **more: Any) -> Data:
    """Return the data of a condition; `more` is what its own page adds."""
    return _without_gaps({"@type": "MedicalCondition", "@id": f"{url}#condition", "name": name, **more})


def study_data(
    study: Studied, item: Item, *, conditions: Iterable[Mapping[str, str]], url: str
) -> list[Data]:
    """Return the data of a study's page: the page, the paper, and what was done with people, if that.

    Args:
        study: the study.
        item: its CSL item, as reference_item gives it.
        conditions: `name` and whole `url` of the page of each condition.
        url: whole address of the study's page.
    """
    about = [condition_data(name=entry["name"], url=entry["url"]) for entry in conditions]
    paper, done = _paper(item, url), _done(study, about, url)
    parts = {"mainEntity": {"@id": paper["@id"]}, "about": [*about, DRUG]}
    page = page_data(
        kind="MedicalWebPage", url=url, name=study.title, changed_at=study.updated_at,
        description=study.conclusion, **parts,
    )  # fmt: skip
    return [page, paper, *([done] if done else [])]


def _paper(item: Item, url: str) -> Data:
    numbers = [("doi", item.get("DOI")), ("pmid", item.get("PMID")), ("pmcid", item.get("PMCID"))]
    return _without_gaps(
        {
            "@type": "ScholarlyArticle",
            "@id": f"{url}#paper",
            "headline": item["title"],
            "author": [_author(name) for name in item.get("author", [])],
            "datePublished": year_of(item),
            "isPartOf": {"@type": "Periodical", "name": item["container-title"]}
            if "container-title" in item
            else None,
            "pagination": item.get("page"),
            "sameAs": item.get("URL"),
            "identifier": [
                {"@type": "PropertyValue", "propertyID": name, "value": value}
                for name, value in numbers
                if value
            ],
            "creativeWorkStatus": "Retracted" if item["custom"]["is-gone"] else None,
        }
    )


def _author(name: Mapping[str, str]) -> Data:
    if "literal" in name:
        return {"@type": "Organization", "name": name["literal"]}
    parts = (name.get("given"), name["family"], name.get("suffix"))
    return {
        "@type": "Person",
        "name": " ".join(part for part in parts if part),
        "familyName": name["family"],
    }


def _done(study: Studied, about: list[Data], url: str) -> Data | None:
    """The study that the paper reports; None for reviews, cells and animals."""
    group = group_of(Design(study.design))
    kind = STUDY_TYPES.get(group)
    if kind is None:
        return None
    is_trial = kind == "MedicalTrial"
    words = ["RandomizedTrial"] if group is DesignGroup.RANDOMISED else []
    words += [BLINDINGS[study.blinding]] if study.blinding in BLINDINGS else []
    return _without_gaps(
        {
            "@type": kind,
            "@id": f"{url}#study",
            "name": study.title,
            "healthCondition": [{"@id": condition["@id"]} for condition in about],
            "studySubject": DRUG,
            "trialDesign": [f"{CONTEXT}/{word}" for word in words] if is_trial else None,
            "studyLocation": {"@type": "AdministrativeArea", "name": study.country}
            if study.country
            else None,
            "identifier": list(study.registry_ids),
            "subjectOf": {"@id": f"{url}#paper"},
        }
    )


def trial_data(trial: Registered, *, conditions: Iterable[Mapping[str, str]], url: str) -> list[Data]:
    """Return the data of a registered trial's page; the arguments are as for study_data."""
    about = [condition_data(name=entry["name"], url=entry["url"]) for entry in conditions]
    done = _without_gaps(
        {
            "@type": "MedicalTrial",
            "@id": f"{url}#trial",
            "name": trial.title,
            "identifier": [trial.registry_id, *trial.other_ids],
            "healthCondition": about,
            "studySubject": DRUG,
            "sponsor": {"@type": "Organization", "name": trial.sponsor} if trial.sponsor else None,
            "sameAs": trial.source_url,
        }
    )
    entity = {"mainEntity": {"@id": done["@id"]}}
    page = page_data(kind="MedicalWebPage", url=url, name=trial.title, changed_at=trial.updated_at, **entity)
    return [page, done]


def dataset_data(*, url: str, files: Iterable[tuple[str, str]], n_studies: int) -> Data:
    """Return the data of the corpus as a data set; `files` are whole address and content type of each."""
    return {
        "@type": "Dataset",
        "@id": f"{url}#dataset",
        "name": f"{SITE}: studies of low-dose naltrexone",
        "description": f"Arms, doses, outcomes and side effects of {n_studies} studies of low-dose "
        "naltrexone, each number with where it was read.",
        "url": url,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": SITE},
        "distribution": [
            {"@type": "DataDownload", "contentUrl": address, "encodingFormat": kind.partition(";")[0]}
            for address, kind in files
        ],
    }


def crumbs_data(entries: Sequence[tuple[str, str]]) -> Data:
    """Return the way to a page as a BreadcrumbList; `entries` are name and whole address, home first."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": address}
            for place, (name, address) in enumerate(entries, start=1)
        ],
    }
