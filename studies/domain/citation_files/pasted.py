"""A list of identifiers, one or several a line, as people paste it."""

from __future__ import annotations

import re

from studies.domain.citation_files.entry import Citation, Entry, unreadable
from studies.domain.identifiers import find_identifier, normalise_pmid

BETWEEN = re.compile(r"[\s,;|]+")
LABEL = re.compile(r"(?i)\b(doi|pmid|pmcid|pubmed)\s*[:=]\s*")


def read_pasted(text: str) -> tuple[list[Entry], list[str]]:
    """Return an entry for each identifier: DOI, PubMed, PMC or trial number, bare or as an address.

    A word that is no identifier is an unreadable entry with its line. Few digits are a PubMed number only
    with that label before them: alone they may be a year or a number of people.
    """
    entries: list[Entry] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = BETWEEN.split(LABEL.sub(r"\1:", line.strip()))
        entries += [_entry(number, word) for word in words if word]
    return entries, []


def count_identifiers(text: str) -> tuple[int, int]:
    """Return how many words of the first hundred lines are identifiers, and how many words there are."""
    entries, _ = read_pasted("\n".join(text.split("\n")[:100]))
    return sum(isinstance(entry, Citation) for entry in entries), len(entries)


def _entry(line: int, word: str) -> Entry:
    found = find_identifier(word)
    if found is None:
        reason = "it is neither a DOI nor a PubMed, PMC or trial number"
        few = f"a number this short may be anything: write PMID:{word} if it is PubMed's"
        return unreadable(line, few if normalise_pmid(word) else reason, word)
    if found.kind == "registry":
        return Citation(line=line, registry_ids=(found.value,))
    if found.kind == "pmid":
        return Citation(line=line, pmid=int(found.value))
    if found.kind == "pmcid":
        return Citation(line=line, pmcid=found.value)
    return Citation(line=line, doi=found.value)
