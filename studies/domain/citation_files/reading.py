"""A file of citations of any kind that is known: which kind it is, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from studies.domain.citation_files.bibtex import read_bibtex
from studies.domain.citation_files.csl import read_csl
from studies.domain.citation_files.entry import Citation, Entry, ImportRefusedError
from studies.domain.citation_files.markup import read_xml
from studies.domain.citation_files.nbib import read_nbib
from studies.domain.citation_files.pasted import count_identifiers, read_pasted
from studies.domain.citation_files.ris import read_ris, read_web_of_science
from studies.domain.citation_files.table import columns_of, headings_of, read_table
from studies.domain.citation_files.text import read_text

# Ten thousand records of PubMed in MEDLINE's format, with all that they hold, take about 45 MB.
MAX_BYTES = 64 * 1024 * 1024
MAX_ENTRIES = 50_000

Reader = Callable[[str], tuple[list[Entry], list[str]]]
READERS: dict[str, tuple[str, Reader]] = {
    "ris": ("RIS", read_ris),
    "wos": ("Web of Science", read_web_of_science),
    "bibtex": ("BibTeX", read_bibtex),
    "nbib": ("MEDLINE (.nbib)", read_nbib),
    "xml": ("XML of PubMed or EndNote", read_xml),
    "csl": ("CSL-JSON", read_csl),
    "csv": ("table (CSV)", read_table),
    "list": ("list of identifiers", read_pasted),
}


@dataclass(frozen=True)
class CitationFile:
    """A file that was read. `notes` say what of it belongs to no entry and is left out."""

    kind: str
    encoding: str
    is_encoding_guessed: bool
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


def read_citations(raw: bytes, *, kind: str | None = None, encoding: str | None = None) -> CitationFile:
    """Return every entry of a file in its order, each readable or not.

    Args:
        raw: the whole file, at most MAX_BYTES.
        kind: one of READERS where a person says which; None finds it out from the text, never from a name.
        encoding: likewise, one of text.CHOICES.
    Raises:
        ImportRefusedError: nothing of the file can be read; with the reason, and the line where there is one.
    """
    if len(raw) > MAX_BYTES:
        raise ImportRefusedError(
            f"the file is larger than {MAX_BYTES // 1024 // 1024} MB: cut it into several"
        )
    text = read_text(raw, encoding)
    kind = kind or find_kind(text.text)
    entries, notes = READERS[kind][1](text.text)
    if len(entries) > MAX_ENTRIES:
        raise ImportRefusedError(f"the file has more than {MAX_ENTRIES:,} entries: cut it into several")
    return CitationFile(kind, text.encoding, text.is_guess, tuple(entries), tuple(notes))


def find_kind(text: str) -> str:
    """Return the kind of a text, one of READERS. Raises ImportRefusedError when it is of none."""
    start = text.lstrip()[:20]
    if re.match(r"<(?:!doctype\s+)?html", start, re.I):
        raise ImportRefusedError("it is a web page, no file of citations", 1)
    if start.startswith("<"):
        return "xml"
    if start.startswith(("{", "[")):
        return "csl"
    for kind, sign in (
        ("ris", r"^\s*TY {1,2}-"),
        ("nbib", r"^PMID ?- "),
        ("wos", r"^PT( |$)"),
        ("bibtex", r"^\s*@\s*\w+\s*[{(]"),
    ):
        if re.search(sign, text, re.M):
            return kind
    if columns_of(headings_of(text)):
        return "csv"
    known, words = count_identifiers(text)
    if known and known * 2 >= words:
        return "list"
    raise ImportRefusedError(
        "it is none of the kinds that can be read: RIS, Web of Science, BibTeX, MEDLINE, PubMed or EndNote "
        "XML, CSL-JSON, CSV with headings, or a list of identifiers"
    )


def count_readable(entries: tuple[Entry, ...]) -> int:
    """Return how many entries can be used."""
    return sum(isinstance(entry, Citation) for entry in entries)
