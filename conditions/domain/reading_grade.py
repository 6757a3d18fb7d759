"""The Flesch-Kincaid grade of a text: about the years of school that it asks of its reader."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from conditions.domain.article import CITATION, HEADING, ITEM, LINK, ArticleText, FigureValue

HIGHEST_GRADE = 9.0
TABLE_ROW = re.compile(r"^\s*\|.*$", re.M)
# Of a sentence, or of an item of a list as plain_words gives it.
END = re.compile(r"(?<=[.!?])\s+")


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of plain text, rounded to one decimal; 0 for an empty text.

    Words and syllables are counted by textstat. Its own grade is not used: it takes the point of 4.5 mg for
    the end of a sentence, and rounds the averages first. A low grade can be below 0.

    >>> reading_grade("We do not know.") < 3 < 9 < reading_grade(
    ...     "Pharmacological heterogeneity notwithstanding, immunomodulatory interventions demonstrated "
    ...     "statistically indistinguishable symptomatology.")
    True
    """
    if not text.strip():
        return 0.0
    count = _textstat()
    words, syllables = count.lexicon_count(text), count.syllable_count(text)
    return flesch_kincaid(words=words, sentences=len(END.split(text.strip())), syllables=syllables)


def flesch_kincaid(*, words: int, sentences: int, syllables: int) -> float:
    """Return the Flesch-Kincaid grade of what was counted, rounded to one decimal.

    Formula: 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid et al., Research Branch
    Report 8-75, 1975). Wikipedia's example, one sentence of 13 words and 24 syllables, is of grade 11.3:

    >>> flesch_kincaid(words=13, sentences=1, syllables=24)
    11.3
    """
    return round(0.39 * words / max(sentences, 1) + 11.8 * syllables / max(words, 1) - 15.59, 1)


@cache
def _textstat() -> Any:
    """Imported when first needed: no page needs it, and its own import warns of pkg_resources."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import textstat
    return textstat


@dataclass(frozen=True)
class Grades:
    """The reading grades of an article's two parts; 0 for a part without words."""

    patients: float
    clinicians: float


def grades_of(text: ArticleText, figures: Sequence[object]) -> Grades:
    """Return how hard both parts of an article are to read.

    Args:
        text: the article's body.
        figures: as for plain_words.
    """
    whole = plain_words(text, figures, end=len(text.body))
    patients = plain_words(text, figures, end=text.patient_end)
    return Grades(reading_grade(patients), reading_grade(whole.removeprefix(patients)))


def plain_words(text: ArticleText, figures: Sequence[object], *, end: int) -> str:
    """Return what is read aloud of the body up to `end`: no heading, table, citation, mark-up or address.

    Args:
        text: the article's body.
        figures: what stands in place of each mark, in their order; what is no FigureValue is left out.
        end: where to stop, as a place in the body.
    """
    prose = text.prose[:end]
    for mark, figure in reversed(list(zip(text.marks, figures, strict=True))):
        if mark.end <= end:
            words = figure.text if isinstance(figure, FigureValue) else ""
            prose = prose[: mark.start] + words + prose[mark.end :]
    prose = HEADING.sub("", CITATION.sub("", LINK.sub("]", TABLE_ROW.sub("", prose))))
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d{1,3}[.)])\s)", prose)
    return " ".join(filter(None, map(_as_sentence, blocks)))


def _as_sentence(block: str) -> str:
    """A block on one line; an item of a list that ends without a stop gets one, or it would run on."""
    words = " ".join(re.sub(r"[*_`\[\]\\]", "", ITEM.sub("", block)).split())
    words = re.sub(r"\s+([.,;:!?])", r"\1", words)
    return words if not words or words[-1] in ".!?" else f"{words.rstrip(',;:')}."
