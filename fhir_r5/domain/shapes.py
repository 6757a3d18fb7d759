"""The small parts that resources are made of (https://hl7.org/fhir/R5/datatypes.html)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from typing import Any

from fhir_r5.domain.codes import ESTIMATE, Json

LONGEST_ID = 64
# Percent and milligram in the units that FHIR asks for: https://ucum.org/ucum
UCUM = "http://unitsofmeasure.org"
# The standard itself calls these resources "trial use": they may change with its next release.
TRIAL_USE = {
    "system": "http://hl7.org/fhir/standards-status",
    "code": "trial-use",
    "display": "Trial Use",
}


def make_id(*parts: object) -> str:
    """Return the parts as a logical id: letters, digits, hyphen and full stop, at most 64 of them.

    >>> make_id("younger2013", "outcome", 0), make_id("CTRI/2013/06/003735")
    ('younger2013.outcome.0', 'CTRI-2013-06-003735')
    """
    full = ".".join(re.sub(r"[^A-Za-z0-9-]+", "-", str(part)) for part in parts)
    if len(full) <= LONGEST_ID:
        return full
    return f"{full[: LONGEST_ID - 9]}-{sha256(full.encode()).hexdigest()[:8]}"


def resource(kind: str, ident: str, **fields: Any) -> Json:
    """Return a resource with the fields that have something to say: an empty one is left out."""
    head = {"resourceType": kind, "id": ident, "meta": {"tag": [TRIAL_USE]}}
    return head | keep(**fields)


def keep(**fields: Any) -> Json:
    """Return the fields that are not None, empty text, list or object; 0 and False stay."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def reference(kind: str, ident: str, display: str = "") -> Json:
    """Return a Reference to a resource here."""
    return keep(reference=f"{kind}/{ident}", display=display)


def text_only(words: str) -> Json:
    """Return a CodeableConcept in words, for what no list has a code for."""
    return {"text": words}


def notes(texts: Iterable[str | None]) -> list[Json]:
    """Return Annotations of the texts that there are."""
    return [{"text": text} for text in texts if text]


def quantity(
    value: Decimal | float | int | None, unit: str | None = None, code: str | None = None
) -> Json | None:
    """Return a Quantity; `code` is the UCUM code of the unit, where it has one."""
    if value is None:
        return None
    return keep(value=value, unit=unit, system=UCUM if code else None, code=code)


def interval(
    low: Any, high: Any, *, level: float | None = 0.95, code: str = "C53324", text: str = ""
) -> list[Json]:
    """Return the attributeEstimate of an interval, as a list of one; [] without both ends."""
    if low is None or high is None:
        return []
    kind = ESTIMATE.concept(code) if code else text_only(text)
    ends = {"low": quantity(low), "high": quantity(high)}
    return [keep(type=kind, level=level, range=ends)]


def estimate(
    code: str, value: Any, unit: str | None = None, ucum: str | None = None, words: str = ""
) -> list[Json]:
    """Return the attributeEstimate of a single value, as a list of one; [] without a value and words."""
    if value is None and not words:
        return []
    return [keep(description=words, type=ESTIMATE.concept(code), quantity=quantity(value, unit, ucum))]


def codes_of(item: Any) -> Iterable[tuple[str, str]]:
    """Yield (system, code) of every Coding anywhere in a resource."""
    if isinstance(item, dict):
        if "system" in item and "code" in item and "value" not in item:
            yield item["system"], item["code"]
        for value in item.values():
            yield from codes_of(value)
    elif isinstance(item, list):
        for value in item:
            yield from codes_of(value)


def references_of(item: Any) -> Iterable[str]:
    """Yield every relative reference anywhere in a resource."""
    if isinstance(item, dict):
        if isinstance(item.get("reference"), str):
            yield item["reference"]
        for value in item.values():
            yield from references_of(value)
    elif isinstance(item, list):
        for value in item:
            yield from references_of(value)
