"""Identifiers of papers and trials: recognised wherever a person pastes them, written one way.

Shapes: DOI (https://www.doi.org/doi-handbook/HTML/index.html), PMID and PMCID
(https://www.ncbi.nlm.nih.gov/pmc/pmctopmid/), trial registries of the WHO's network
(https://www.who.int/tools/clinical-trials-registry-platform/network/primary-registries).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

Kind = Literal["doi", "pmid", "pmcid", "registry"]

PMID_MAX = 999_999_999
# Fewer digits than this are more likely a year or a number of people than a PubMed number.
BARE_PMID_DIGITS = 6

_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_DOI_PREFIX = re.compile(r"(?:https?://)?(?:dx\.|www\.)?doi\.org/|(?:doi|urn:doi|info:doi)\s*[:/=]?\s*", re.I)
_PMID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/"
    r"|pmid\s*[:=]?\s*|pubmed\s*[:=]?\s*)?0*(?P<digits>[1-9][0-9]{0,8})/?(?:\?\S*)?",
    re.I,
)
_PMCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?(?:pmc\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pmc)/articles/"
    r"|pmcid\s*[:=]?\s*)?PMC\s?(?P<digits>[0-9]{1,10})/?(?:\?\S*)?",
    re.I,
)
_REGISTRY_PAGE = re.compile(
    r"https?://(?:www\.|classic\.)?clinicaltrials\.gov/(?:ct2/show|study)/(NCT[0-9]{8})\b\S*", re.I
)

# Each registry's own way of writing its numbers; the first group that matches is what is kept.
_REGISTRIES: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"NCT[0-9]{8}",
        r"ISRCTN[0-9]{8}",
        r"ACTRN[0-9]{14}p?",
        r"EUCTR[0-9]{4}-[0-9]{6}-[0-9]{2}(?:-[A-Z]{2})?",
        r"(?:EudraCT(?: number)?:? ?)?20[0-9]{2}-[0-9]{6}-[0-9]{2}",
        r"20[0-9]{2}-5[0-9]{5}-[0-9]{2}-[0-9]{2}",
        r"DRKS[0-9]{8}",
        r"IRCT[0-9]{11,14}N[0-9]{1,3}",
        r"CTRI/[0-9]{4}/[0-9]{2,3}/[0-9]{6}",
        r"ChiCTR[-A-Z]{0,8}[0-9]{8,10}",
        r"JPRN-[A-Z]+[0-9]+|jRCTs?[0-9]{9,10}|UMIN[0-9]{9}",
        r"KCT[0-9]{7}",
        r"PACTR[0-9]{15,16}",
        r"RBR-[0-9A-Z]{5,8}",
        r"RPCEC[0-9]{8}",
        r"SLCTR/[0-9]{4}/[0-9]{3}",
        r"TCTR[0-9]{11}",
        r"NTR[0-9]{1,5}|NL[0-9]{4,5}|NL-OMON[0-9]{1,6}",
        r"PER-[0-9]{3}-[0-9]{2}",
        r"LBCTR[0-9]{10}",
        r"CRD[0-9]{8,14}",
    )
)
_EUDRACT = re.compile(r"(?:EudraCT.*)?(20[0-9]{2}-[0-9]{6}-[0-9]{2})", re.I)
_MIXED_CASE = re.compile(r"^(?:(?P<china>ChiCTR)|(?P<japan>jRCT))", re.I)


@dataclass(frozen=True)
class Identifier:
    """What kind of identifier a text is, and its one written form."""

    kind: Kind
    value: str


def normalise_doi(text: str) -> str | None:
    """Return the DOI in lower case without address, "doi:" or the punctuation that followed it.

    None when the text is not one DOI. A percent-encoded DOI inside an address is decoded.

    >>> normalise_doi("https://doi.org/10.1002/ART.37734")
    '10.1002/art.37734'
    >>> normalise_doi("doi:10.1016/0165-1781(95)02601-R.")
    '10.1016/0165-1781(95)02601-r'
    >>> normalise_doi("a page about 10.1002/art.37734") is None
    True
    """
    text = _clean(text)
    prefix = _DOI_PREFIX.match(text)
    if prefix:
        text = text[prefix.end() :]
        if "://" in prefix[0] or "doi.org" in prefix[0].lower() or text[:20].lower().startswith("10.%"):
            text = unquote(text)
    if re.match(r"10\.[0-9]{4,9}%2f", text, re.I):
        text = unquote(text)
    if not _DOI.fullmatch(text):
        return None
    doi = _strip_sentence_end(text).lower()
    # Some capitals have a lower case that is capital again to PostgreSQL or is several characters: refuse.
    return doi if _DOI.fullmatch(doi) and doi == doi.lower() and doi.isprintable() else None


def find_doi(text: str) -> str | None:
    """Return the first DOI that stands in a running text, or None.

    >>> find_doi("Lancet. 2010;375:445. doi: 10.1016/S0140-6736(10)60175-4.")
    '10.1016/s0140-6736(10)60175-4'
    """
    match = _DOI.search(_clean(text))
    return normalise_doi(match[0]) if match else None


def normalise_pmid(text: str | int) -> int | None:
    """Return the PubMed number (1 to 999,999,999), or None when the text is not one.

    >>> normalise_pmid("PMID: 23359310"), normalise_pmid("https://pubmed.ncbi.nlm.nih.gov/23359310/")
    (23359310, 23359310)
    """
    match = _PMID.fullmatch(_clean(str(text)))
    return int(match["digits"]) if match else None


def normalise_pmcid(text: str) -> str | None:
    """Return the PubMed Central number as PMC123, or None.

    >>> normalise_pmcid("https://pmc.ncbi.nlm.nih.gov/articles/PMC3962576/")
    'PMC3962576'
    """
    match = _PMCID.fullmatch(_clean(text))
    return f"PMC{match['digits']}" if match else None


def normalise_registry_id(text: str) -> str | None:
    """Return a trial's registration number as its registry writes it, or None when no registry writes so.

    >>> normalise_registry_id("nct00568555"), normalise_registry_id("isrctn12345678")
    ('NCT00568555', 'ISRCTN12345678')
    >>> normalise_registry_id("eudract 2019-000702-30")
    'EudraCT 2019-000702-30'
    """
    text = _clean(text)
    page = _REGISTRY_PAGE.fullmatch(text)
    text = page[1] if page else text
    if not any(pattern.fullmatch(text) for pattern in _REGISTRIES):
        return None
    return _write_registry_id(text)


def find_identifier(text: str) -> Identifier | None:
    """Return what a search or a form field holds when the whole of it is one identifier; None otherwise.

    Bare digits count as a PubMed number from six digits on, so that a year stays a word to search for.

    >>> find_identifier("NCT00568555")
    Identifier(kind='registry', value='NCT00568555')
    >>> find_identifier("2013") is None
    True
    """
    if doi := normalise_doi(text):
        return Identifier("doi", doi)
    if pmcid := normalise_pmcid(text):
        return Identifier("pmcid", pmcid)
    if registry_id := normalise_registry_id(text):
        return Identifier("registry", registry_id)
    pmid = normalise_pmid(text)
    if pmid and not (_clean(text).isdigit() and len(str(pmid)) < BARE_PMID_DIGITS):
        return Identifier("pmid", str(pmid))
    return None


def _write_registry_id(text: str) -> str:
    written = text.upper()
    mixed = _MIXED_CASE.match(text)
    if eudract := _EUDRACT.fullmatch(text):
        return f"EudraCT {eudract[1]}"
    if mixed and mixed["china"]:
        return "ChiCTR" + written[6:]
    if mixed and mixed["japan"]:
        return "jRCT" + text[4:].lower()
    if written.startswith("ACTRN"):
        return written.replace("P", "p")
    return written


def _clean(text: str) -> str:
    """Without invisible characters, with plain hyphens, trimmed: what a paste from a PDF needs."""
    text = text[:2_000]
    if not (text.isascii() and text.isprintable()):  # as nearly all are: nothing has to go
        text = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cc", "Cs"} or c in "\n\t ")
        text = re.sub(r"[\u2010-\u2015\u2212]", "-", text)
    return text.strip().strip("<>\"'").strip()


def _strip_sentence_end(doi: str) -> str:
    """Without the full stop, comma or unopened bracket that belongs to the sentence around a DOI."""
    while doi and (
        doi[-1] in ".,;:\"'!?" or any(doi.endswith(e) and doi.count(o) < doi.count(e) for o, e in _BRACKETS)
    ):
        doi = doi[:-1]
    return doi


_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))
