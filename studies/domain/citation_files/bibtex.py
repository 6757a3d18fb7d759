"""BibTeX files, cut into entries by bibtexparser; LaTeX in them becomes plain text.

Format: https://mirrors.ctan.org/biblio/bibtex/base/btxdoc.pdf
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import bibtexparser
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    ImplicitComment,
    ParsingFailedBlock,
    String,
)
from bibtexparser.model import Entry as BibEntry
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalker, get_default_latex_context_db

from studies.domain.citation_files.entry import (
    Entry,
    ImportRefusedError,
    Words,
    build_entry,
    plain,
    unreadable,
)
from studies.domain.wording import initials_of

# It writes every broken entry into the log, where nobody looks for it; ours are shown to the editor.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

KEPT = frozenset(
    [
        "title",
        "subtitle",
        "author",
        "journal",
        "journaltitle",
        "booktitle",
        "shortjournal",
        "year",
        "date",
        "volume",
        "number",
        "issue",
        "pages",
        "doi",
        "pmid",
        "pmcid",
        "pmc",
        "eprint",
        "eprinttype",
        "archiveprefix",
        "url",
        "crossref",
        "month",
    ]
)
# An entry that names a parent takes from it what it does not say itself.
INHERITED = ("author", "journal", "journaltitle", "booktitle", "year", "date", "volume", "number", "doi")
# For sorting only: BibTeX prints nothing of it.
BOXES = re.compile(r"\\(?:mbox|hbox|text|textup|ensuremath|protect|url)\b\s*")
SORTING = re.compile(r"\\noopsort\s*\{[^{}]*\}")
LATEX = re.compile(r"[\\$~]|--|``|''")
NAME_PARTS = re.compile(r"(?:^|,)\s*\"?(family|given|prefix|suffix)\s*=\s*(\{[^{}]*\}|[^,\"]*)")
STRAY = re.compile(r"^\s*@\s*\w+", re.M)
Fields = dict[str, str]


def read_bibtex(text: str) -> tuple[list[Entry], list[str]]:
    """Return the entries of a BibTeX file. What stands between entries is comment to BibTeX.

    Raises ImportRefusedError when there is no entry.
    """
    try:
        # Only cut into blocks: what the library makes of values leaves `"a" # name` as it stands.
        blocks = bibtexparser.parse_string(text, parse_stack=[]).blocks
    except Exception as error:
        raise ImportRefusedError(f"it cannot be read as BibTeX ({type(error).__name__})") from None
    strings: Fields = {}
    for block in blocks:
        if isinstance(block, String):
            strings[block.key.lower()] = _value(str(block.value), strings)
    parents = {entry.key.lower(): _fields(entry, strings) for block in blocks if (entry := _entry_of(block))}
    entries = [made for block in blocks if (made := _read(block, parents, strings))]
    if not entries:
        raise ImportRefusedError("there is no entry in it, such as @article{...}")
    return entries, []


def _entry_of(block: Block) -> BibEntry | None:
    """The entry in a block, also where the library objects to a key or field that comes twice."""
    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        inner = block.ignore_error_block
        return _entry_of(inner) if inner is not None else None
    return block if isinstance(block, BibEntry) else None


def _read(block: Block, parents: Mapping[str, Fields], strings: Fields) -> Entry | None:
    line, raw = (block.start_line or 0) + 1, block.raw or ""
    entry = _entry_of(block)
    if entry is not None:
        return build_entry(line, _words(_fields(entry, strings), parents), raw)
    if isinstance(block, ParsingFailedBlock):
        reason = getattr(block.error, "abort_reason", None) or type(block.error).__name__
        return unreadable(line, f"the entry is not complete: {reason}", raw)
    if isinstance(block, ImplicitComment) and (stray := STRAY.search(block.comment)):
        line += block.comment.count("\n", 0, stray.start())
        return unreadable(
            line, "this looks like an entry, but has no opening brace", block.comment[stray.start() :]
        )
    return None


def _fields(entry: BibEntry, strings: Fields) -> Fields:
    """The fields in lower case; of one that comes twice the first counts, as for BibTeX."""
    fields: Fields = {}
    for field in entry.fields:
        fields.setdefault(str(field.key).lower(), _value(str(field.value), strings))
    return fields


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """The text of a value: braces, quotes and names of strings, joined by #."""
    if "#" not in raw:  # as nearly all are: one part
        return _part(raw, strings)
    parts, depth, start, quoted = [], 0, 0, False
    for place, character in enumerate(raw):
        depth += (character == "{") - (character == "}")
        quoted ^= character == '"' and depth == 0
        if character == "#" and depth == 0 and not quoted:
            parts.append(raw[start:place])
            start = place + 1
    return "".join(_part(part, strings) for part in (*parts, raw[start:]))


def _part(text: str, strings: Mapping[str, str]) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] + text[-1] in ("{}", '""'):
        return text[1:-1]
    return strings.get(text.lower(), text)


def _words(fields: Fields, parents: Mapping[str, Fields]) -> Words:
    parent = parents.get(fields.get("crossref", "").lower(), {})
    inherited = {name: parent[name] for name in INHERITED if name in parent}
    if "title" in parent:  # the title of a collection is the book that the entry is in
        inherited.setdefault("booktitle", parent["title"])
    said = {**inherited, **fields}
    where = [f"crossref to {fields['crossref']}"] if "crossref" in fields and not parent else []

    def text(*names: str) -> str | None:
        return next((_plain(said[name]) for name in names if said.get(name)), None)

    eprint = f"{said.get('eprinttype', '')}{said.get('archiveprefix', '')}".lower()
    return Words(
        title=": ".join(filter(None, [text("title"), text("subtitle")])),
        authors=_authors(said.get("author", "")),
        journal=text("journal", "journaltitle", "booktitle"),
        journal_abbrev=text("shortjournal"),
        # Not as LaTeX would print it: commands that sort and swap would take the year with them.
        year=SORTING.sub("", said.get("year") or said.get("date") or ""),
        volume=text("volume"),
        issue=text("number", "issue"),
        pages=text("pages"),
        doi=text("doi"),
        pmid=text("pmid", "eprint") if eprint == "pubmed" else text("pmid"),
        pmcid=text("pmcid", "pmc"),
        others=[each for each in [text("url")] if each],
        left_out=[name for name, value in fields.items() if name not in KEPT and value] + where,
    )


def _authors(names: str) -> list[str]:
    return [name for each in split_multiple_persons_names(names) if (name := _author(each))]


def _author(name: str) -> str | None:
    """Surname and initials; a name in braces is a group's and stays whole."""
    if name.strip().lower() == "others":
        return "et al"
    if named := {part: value.strip() for part, value in NAME_PARTS.findall(name)}:
        return _named_author(named)
    try:
        parts = parse_single_name_into_parts(name, strict=False)
    except ValueError:
        return _plain(name)
    surname = _plain(" ".join([*parts.von, *parts.last]))
    first = initials_of(_plain(" ".join(parts.first)) or "")
    return " ".join(filter(None, [surname, first, (_plain(" ".join(parts.jr)) or "").rstrip(".")])) or None


def _named_author(parts: Mapping[str, str]) -> str | None:
    """A name whose parts are named, as biblatex allows: family=Beethoven, given=Ludwig, prefix=van."""
    said = {part: _plain(value) or "" for part, value in parts.items()}
    surname = " ".join(filter(None, [said.get("prefix"), said.get("family")]))
    first, suffix = initials_of(said.get("given", "")), said.get("suffix", "").rstrip(".")
    return " ".join(filter(None, [surname, first, suffix])) or None


def _plain(text: str) -> str | None:
    text = BOXES.sub("", SORTING.sub("", text))
    if not LATEX.search(text):
        return plain(re.sub(r"[{}]", "", text))
    # To LaTeX a bare per cent sign begins a comment; in a title it is one.
    return plain(_from_latex(re.sub(r"(?<!\\)%", r"\\%", text)))


@lru_cache(maxsize=1)
def _decoder() -> tuple[LatexNodes2Text, Any]:
    """The reader of LaTeX and its list of commands, which takes longer to make than a title to read."""
    return LatexNodes2Text(math_mode="text"), get_default_latex_context_db()


def _from_latex(text: str) -> str:
    try:
        decoder, commands = _decoder()
        walker = LatexWalker(text, latex_context=commands, tolerant_parsing=True)
        return str(decoder.nodelist_to_text(walker.get_latex_nodes()[0]))
    except Exception:  # what is no LaTeX is left as it stands
        return text
