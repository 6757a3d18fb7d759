"""Paths of a record, such as arms.0.dose.amount_mg, and values as they are stored, in a reader's words."""

from __future__ import annotations

import re
from typing import Any

# What a path is called as a whole, where its parts would not say it.
WHOLE = {"mesh.name": "name in MeSH", "mesh.id": "number in MeSH"}
# Whatever of a record is an item of a list: what one of it is called.
ITEMS = {"arms": "arm", "outcomes": "outcome", "side_effects": "side effect"}
# The parts that are no words of plain English.
PARTS = {
    "mesh": "MeSH",
    "icd10": "ICD-10",
    "icd11": "ICD-11",
    "doi": "DOI",
    "pmid": "PubMed number",
    "pmcid": "PubMed Central number",
    "journal_abbrev": "short name of the journal",
    "registry_ids": "trial registrations",
    "publication_types": "kind of publication",
    "open_access": "open access",
    "n_enrolled": "people enrolled",
    "n_analysed": "people analysed",
    "side_effects": "side effects",
    "serious_adverse_events": "serious adverse events",
    "results_key": "study with the results",
    "amount_mg": "dose in mg",
    "amount_mg_per_kg": "dose in mg per kg",
    "max_mg": "highest dose in mg",
    "duration_weeks": "duration in weeks",
    "ci_low": "lower end of the interval",
    "ci_high": "upper end of the interval",
}
# The parts that are a letter or a role, which mean something in a path alone.
IN_PATHS = {
    "p": "p value",
    "n": "people",
    "sd": "standard deviation",
    "per": "how often",
    "value": "effect",
    "primary": "rank, main or not,",
    "intervention": "naltrexone group",
    "comparator": "comparison group",
}
# What is left unsaid before a part of it.
UNSAID = {"dose", "effect"}
_PATH = re.compile(r"(?<![\w/.:])[a-z][a-z_]*[0-9]*(?:\.(?:\d+|\*|[a-z][a-z_]*))*(?!\w|/|\.\w)")


def say_paths(text: str) -> str:
    """Return a note with each path of the record in words; other words stay as they are.

    >>> say_paths("outcomes.1.effect.p (printed once)")
    'p value of outcome 2 (printed once)'
    >>> say_paths("mesh.name"), say_paths("n_enrolled and dose")
    ('name in MeSH', 'people enrolled and dose')
    """
    return _PATH.sub(lambda match: _say(match[0]), text)


def _say(path: str) -> str:
    if path in WHOLE:
        return WHOLE[path]
    root, *rest = path.split(".")
    if not rest:
        return PARTS.get(root, root)
    if root not in ITEMS or not (rest[0].isdigit() or rest[0] == "*"):
        return path
    item = f"each {ITEMS[root]}" if rest[0] == "*" else f"{ITEMS[root]} {int(rest[0]) + 1}"
    parts = [part for i, part in enumerate(rest[1:], 2) if part not in UNSAID or i == len(rest)]
    return " of ".join([*(IN_PATHS.get(part) or PARTS.get(part, part) for part in reversed(parts)), item])


def say_value(value: Any) -> str:
    """Return a value of a record, as the database keeps it, as it would be printed.

    >>> say_value({"decimal": "1.5"}), say_value(["Byambasuren O", "Atkins TJ"]), say_value(False)
    ('1.5', 'Byambasuren O, Atkins TJ', 'no')
    """
    if isinstance(value, dict) and list(value) == ["decimal"]:
        return str(value["decimal"])
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(say_value, value)) or "nothing"
    return str(value)
