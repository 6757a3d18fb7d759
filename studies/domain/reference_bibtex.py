"""References in BibTeX: letters as UTF-8, what LaTeX reads as commands escaped, capitals kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from studies.domain.reference import Reference, year_of

# BibTeX counts braces even behind a backslash, so they are named instead.
ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "&%$#_"},
}
WORD = re.compile(r"(?P<word>\S+?)(?P<end>[,.:;?!)]*)(?=\s|$)")


def write_bibtex(reference: Reference, number: int) -> str:  # noqa: ARG001 - as every writer is called
    """Return one @article, ended by an empty line.

    Format: Patashnik, "BibTeXing" (1988), with the fields doi, pmid, pmcid and url that later styles read.
    Words of the title with a capital are in braces: styles would set them in small letters.
    """
    item = reference.item
    fields = [
        ("author", " and ".join(bibtex_name(name) for name in item.get("author", []))),
        ("title", protect_capitals(item["title"])),
        ("journal", escape_latex(item.get("container-title", ""))),
        ("shortjournal", escape_latex(item.get("container-title-short", ""))),
        ("year", year_of(item)),
        ("volume", escape_latex(item.get("volume", ""))),
        ("number", escape_latex(item.get("issue", ""))),
        ("pages", escape_latex(item.get("page", "")).replace("-", "--")),
        ("doi", item.get("DOI")),
        ("pmid", item.get("PMID")),
        ("pmcid", item.get("PMCID")),
        ("url", item.get("URL")),
        ("note", escape_latex(item["note"])),
    ]
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value)
    return f"@article{{{item['id']},\n{lines}}}\n\n"


def escape_latex(text: str) -> str:
    r"""Return the text as LaTeX prints it.

    >>> escape_latex("R&D at 5% {sic}")
    'R\\&D at 5\\% \\textbraceleft{}sic\\textbraceright{}'
    """
    return "".join(ESCAPES.get(character, character) for character in text)


def protect_capitals(title: str) -> str:
    """Return a title in which no style may change the capitals that the record has.

    >>> protect_capitals("Naltrexone in Crohn's disease: an RCT")
    "Naltrexone in {Crohn's} disease: an {RCT}"
    """

    def protect(match: re.Match[str]) -> str:
        word, end = match["word"], match["end"]
        looked_at = word if match.start() else word[1:]
        escaped = escape_latex(word)
        kept = f"{{{escaped}}}" if looked_at != looked_at.lower() else escaped
        return kept + escape_latex(end)

    return WORD.sub(protect, title)


def bibtex_name(name: Mapping[str, str]) -> str:
    """Return a name as BibTeX splits it: "Mascaró, Jr, J. M."; a group in braces, which keep it whole."""
    if "literal" in name:
        return f"{{{escape_latex(name['literal'])}}}"
    parts = (name["family"], name.get("suffix"), name.get("given"))
    return ", ".join(escape_latex(part) for part in parts if part)
