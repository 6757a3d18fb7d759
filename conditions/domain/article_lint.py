"""What keeps an article from being published: each finding names the line, what is wrong and the mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from conditions.domain.article import (
    CITATION,
    HEADINGS,
    KEY,
    ArticleText,
    FigureProblem,
    FigureValue,
    Paragraph,
    sentences_of,
)
from conditions.domain.article_numbers import TypedNumber, typed_numbers
from conditions.domain.reading_grade import HIGHEST_GRADE, plain_words, reading_grade

Figure = FigureValue | FigureProblem

BENEFIT = re.compile(
    r"\b(?:reduc(?:e|es|ed|ing|tion)|improv(?:e|es|ed|ing|ements?)|better|help(?:s|ed|ing|ful)?|"
    r"reliev(?:e|es|ed|ing)|relief|eas(?:es|ed)|heal(?:s|ed|ing)|cur(?:e|es|ed)|benefit(?:s|ed)?|"
    r"effective|remission)\b",
    re.I,
)
HARM = re.compile(
    r"\b(?:worse|worsen(?:s|ed|ing)?|side[ -]effects?|adverse|risks?|risky|harm(?:s|ed|ful)?|dangerous|"
    r"unsafe|withdrawal|overdose)\b",
    re.I,
)
# What claims nothing: a question, and the plain word that nobody knows.
CLAIMS_NOTHING = re.compile(r"\?[)\"*\s]*$|\bnobody knows\b|\bnot known\b|\bunknown\b", re.I)
STUDY_LINK = re.compile(r"\]\(/(?:studies|claims|trials)/[^)\s]+\)")
HARM_LINK = re.compile(r"\]\(/(?:safety|side-effects)/[^)\s]*\)")
RAW_HTML = re.compile(r"</?[A-Za-z][^<>\n]*>|<!--")


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong on a line of the body, counted from 1, and what would mend it."""

    line: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}. {self.mend}"


@dataclass(frozen=True)
class CitedRecord:
    """What the checks need to know of a study: whether its paper is gone, and which numbers it holds."""

    is_retracted: bool = False
    numbers: frozenset[Decimal] = frozenset()


@dataclass(frozen=True)
class Ground:
    """What the records hold, as far as an article leans on it."""

    studies: Mapping[str, CitedRecord] = field(default_factory=dict)
    pages: frozenset[str] = frozenset()


def lint(text: ArticleText, figures: Sequence[Figure], ground: Ground) -> list[Finding]:
    """Return everything that keeps the article from being published, by line.

    Args:
        text: the article's body.
        figures: what each mark becomes, or why it cannot, in the order of `text.marks`.
        ground: the published studies and the site's own addresses.
    """
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _headings(text),
        lambda: _raw_html(text),
        lambda: _figures(text, figures),
        lambda: _citations(text, ground),
        lambda: _links(text, ground),
        lambda: _claims_without_source(text),
        lambda: _numbers(text, ground),
        lambda: _grade(text, figures),
    ]
    return sorted({finding for check in checks for finding in check()})


def _headings(text: ArticleText) -> Iterator[Finding]:
    mend = f"Use exactly two headings of level 2: “## {HEADINGS[0]}”, then “## {HEADINGS[1]}”"
    tops = [(line, level, words) for line, level, words in text.headings if level <= 2]
    for line, level, words in tops:
        if level == 1 or words not in HEADINGS:
            yield Finding(line, f"the heading “{words}” is of level {level}", f"{mend}; all others are ###.")
    named = [words for _, level, words in tops if level == 2 and words in HEADINGS]
    if named != list(HEADINGS):
        found = " then ".join(f"“{words}”" for words in named) or "none"
        yield Finding(1, f"the two parts are not there once and in order (found {found})", f"{mend}.")
    before = text.prose[: text.prose.find("## ")] if "## " in text.prose else text.prose
    if before.strip():
        yield Finding(1, "text stands before the first part", f"Move it below “## {HEADINGS[0]}”.")


def _raw_html(text: ArticleText) -> Iterator[Finding]:
    for match in RAW_HTML.finditer(text.prose):
        if not match[0].startswith("<http"):
            line = text.line_of(match.start())
            yield Finding(line, f"raw HTML ({match[0][:30]})", "Write it in Markdown.")


def _figures(text: ArticleText, figures: Sequence[Figure]) -> Iterator[Finding]:
    for mark, figure in zip(text.marks, figures, strict=True):
        if not mark.is_well_formed:
            mend = "Write it like []{.figure kind=people condition=fibromyalgia}; quote what has a space."
            yield Finding(mark.line, "the figure is not written as one", mend)
        elif isinstance(figure, FigureProblem):
            yield Finding(mark.line, figure.problem, figure.mend)


def _citations(text: ArticleText, ground: Ground) -> Iterator[Finding]:
    for citation in text.citations:
        record = ground.studies.get(citation.key)
        if record is None:
            yield Finding(
                citation.line,
                f"there is no published study @{citation.key}",
                "Correct the key, or enter and publish the study first.",
            )
        elif record.is_retracted and "retracted" not in KEY.sub("", citation.sentence).lower():
            yield Finding(
                citation.line,
                f"@{citation.key} is retracted and the sentence does not say so",
                "Say “retracted” in the same sentence, or remove the citation.",
            )


def _links(text: ArticleText, ground: Ground) -> Iterator[Finding]:
    targets = [link.target.split("#")[0] for link in text.links]
    for link, target in zip(text.links, targets, strict=True):
        if target.startswith("/") and target not in ground.pages:
            yield Finding(
                link.line,
                f"there is no page {target}",
                "Correct the address; it begins and ends with a slash.",
            )
        elif not re.match(r"/|https://|$", target):
            yield Finding(
                link.line, f"the link to {target} leads nowhere", "Begin it with a slash or with https://."
            )
    if "/safety/" not in targets:
        yield Finding(1, "no link leads to the safety page", "Add [the safety page](/safety/).")


def _claims_without_source(text: ArticleText) -> Iterator[Finding]:
    for paragraph in text.paragraphs:
        said = " ".join(s for s in sentences_of(paragraph.text) if not CLAIMS_NOTHING.search(s))
        words = CITATION.sub("", said)
        has_study = _has_study(text, paragraph)
        benefit, harm = BENEFIT.search(words), HARM.search(words)
        is_lead = paragraph.text.rstrip().endswith(":")  # its items follow, each with its own source
        if has_study or is_lead:
            continue
        if benefit:
            yield _unsourced(paragraph, benefit[0], "benefit", "Cite a study [@key] or link to one.")
        elif harm and not HARM_LINK.search(paragraph.text):
            mend = "Cite a study [@key], or link to /safety/ or /side-effects/."
            yield _unsourced(paragraph, harm[0], "harm", mend)


def _unsourced(paragraph: Paragraph, word: str, of: str, mend: str) -> Finding:
    problem = f"the paragraph speaks of {of} (“{word}”) without a source"
    return Finding(paragraph.line, problem, mend)


def _has_study(text: ArticleText, paragraph: Paragraph) -> bool:
    has_figure = any(paragraph.start <= mark.start < paragraph.end for mark in text.marks)
    return bool(has_figure or KEY.search(paragraph.text) or STUDY_LINK.search(paragraph.text))


def _numbers(text: ArticleText, ground: Ground) -> Iterator[Finding]:
    for number in typed_numbers(text):
        paragraph = next((p for p in text.paragraphs if p.start <= number.start < p.end), None)
        cited = _cited_keys(paragraph) if paragraph else []
        holders = [
            key for key in cited if key in ground.studies and number.value in ground.studies[key].numbers
        ]
        if holders and number.has_unit and paragraph and _is_followed(paragraph, number):
            continue
        yield _typed(number, cited, holders)


def _cited_keys(paragraph: Paragraph) -> list[str]:
    linked = re.findall(r"\]\(/studies/([^/)\s]+)/", paragraph.text)
    return [match["key"] for match in KEY.finditer(paragraph.text)] + linked


def _is_followed(paragraph: Paragraph, number: TypedNumber) -> bool:
    """Whether a citation or a study's link comes after the number, in its paragraph."""
    rest = paragraph.text[max(0, number.start - paragraph.start) :]
    return bool(KEY.search(rest) or STUDY_LINK.search(rest))


def _typed(number: TypedNumber, cited: Sequence[str], holders: Sequence[str]) -> Finding:
    if holders:
        problem = f"the number {number.shown} is typed; the record of {holders[0]} holds it"
        mend = f"Make it a living figure, such as []{{.figure kind=result study={holders[0]} ...}}."
    elif cited:
        problem = f"the number {number.shown} is typed, and no study cited here holds it"
        mend = f"Check it against {', '.join(dict.fromkeys(cited))}, and make it a living figure."
    else:
        problem = f"the number {number.shown} is typed and no study is cited with it"
        mend = "Make it a living figure, or say it without a number."
    return Finding(number.line, problem, mend)


def _grade(text: ArticleText, figures: Sequence[Figure]) -> Iterator[Finding]:
    grade = reading_grade(plain_words(text, figures, end=text.patient_end))
    if grade > HIGHEST_GRADE:
        problem = f"the patient part reads at grade {grade}, above {HIGHEST_GRADE:g}"
        mend = f"Shorten sentences and words. {_hardest(text, figures)}"
        yield Finding(1, problem, mend.strip())


def _hardest(text: ArticleText, figures: Sequence[Figure]) -> str:
    """Where to begin: the patient part's hardest sentence of some length."""
    plain = plain_words(text, figures, end=text.patient_end)
    hard = [sentence for sentence in sentences_of(plain) if len(sentence.split()) > 7]
    worst = max(hard, key=reading_grade, default="")
    shown = f"{worst[:90]}…" if len(worst) > 90 else worst
    return f"Begin with “{shown}”." if worst else ""
