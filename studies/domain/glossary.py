"""Words of research in plain English, and where they first stand in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from studies.domain.corpus_file import read_yaml

# A tag with its attributes; what stands in quotes may hold a ">".
_TAG = re.compile(r"""(<(?:"[^"]*"|'[^']*'|[^'">])*>)""")
_NAME = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9]*)")
_VOID = {"br", "hr", "img", "input", "wbr"}
# Where no button can stand, or would disturb: what leads elsewhere, names a part, or is typed as it is.
_LEFT_ALONE = {
    *("a", "button", "summary", "label", "h1", "h2", "h3", "h4", "h5", "h6", "th", "caption", "dt"),
    *("code", "pre", "svg", "script", "style", "textarea"),
}


@dataclass(frozen=True)
class Term:
    """A word with its meaning, and the spellings under which it stands in texts."""

    slug: str
    name: str
    forms: tuple[str, ...]
    meaning: str


class Glossary:
    """All terms, and a search for them in HTML."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = sorted(terms, key=lambda term: term.name.lower())
        self.by_slug: Mapping[str, Term] = {term.slug: term for term in self.terms}

    @cached_property
    def _by_form(self) -> dict[str, Term]:
        return {form.lower(): term for term in self.terms for form in term.forms}

    @cached_property
    def _forms(self) -> re.Pattern[str]:
        longest_first = sorted(self._by_form, key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])", re.I)

    def explain(self, html: str, known: set[str], explained: Callable[[Term, str], str]) -> str:
        """Return HTML in which the first use of each term is explained, but not in links, headings or code.

        Args:
            html: sound HTML; it stays as it is but for the terms.
            known: slugs that need no explanation any more; those explained here are added.
            explained: makes the HTML that stands in place of a term, from the term and the HTML of its word.
        """

        def at(match: re.Match[str]) -> str:
            term = self._by_form[unescape(match[0]).lower()]
            if term.slug in known:
                return match[0]
            known.add(term.slug)
            return explained(term, match[0])

        return "".join(self._forms.sub(at, piece) if is_prose else piece for piece, is_prose in _pieces(html))


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """The tags and texts of HTML in order, and whether a piece is a text in which terms are explained."""
    left_alone = 0
    for place, piece in enumerate(_TAG.split(html)):
        if place % 2 == 0:
            yield piece, left_alone == 0
            continue
        name = _NAME.match(piece)
        if name and name[1].lower() in _LEFT_ALONE - _VOID and not piece.endswith("/>"):
            left_alone += -1 if piece.startswith("</") else 1
        yield piece, False


def read_glossary(raw: bytes) -> Glossary:
    """Return the glossary that a file holds: a list of slug, name, forms and meaning.

    Raises:
        ValueError: a field is missing, or two terms share a slug or a spelling; the message names it.
    """
    terms = [_read_term(entry) for entry in read_yaml(raw)]
    for what, words in (
        ("slug", [term.slug for term in terms]),
        ("form", [form.lower() for term in terms for form in term.forms]),
    ):
        twice = sorted({word for word in words if words.count(word) > 1})
        if twice:
            raise ValueError(f"two terms of the glossary share the {what} {', '.join(twice)}: keep one")
    return Glossary(terms)


def _read_term(entry: Mapping[str, object]) -> Term:
    try:
        forms = entry["forms"]
        if not isinstance(forms, list):
            raise ValueError(f"glossary, {entry['slug']}: forms is a list, [] where there is none")
        meaning = " ".join(str(entry["meaning"]).split())
        return Term(str(entry["slug"]), str(entry["name"]), tuple(map(str, forms)), meaning)
    except KeyError as missing:
        raise ValueError(f"glossary, {entry.get('slug', 'a term')}: {missing.args[0]} is missing") from None
