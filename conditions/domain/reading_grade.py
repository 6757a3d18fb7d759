"""The Flesch-Kincaid grade of a text: about the years of school that it asks of its reader."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

from conditions.domain.article import CITATION, HEADING, ITEM, LINK, ArticleText, FigureValue

HIGHEST_GRADE = 9.0


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of plain text, rounded to one decimal; 0 for an empty text.

    Formula: 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid et al., Research Branch
    Report 8-75, 1975), as textstat counts them. A low grade can be below 0.

    >>> reading_grade("We do not know.") < 3 < 9 < reading_grade(
    ...     "Pharmacological heterogeneity notwithstanding, immunomodulatory interventions demonstrated "
    ...     "statistically indistinguishable symptomatology.")
    True
    """
    return round(float(_textstat().flesch_kincaid_grade(text)), 1) if text.strip() else 0.0


@cache
def _textstat() -> Any:
    """Imported when first needed: no page needs it, and its own import warns of pkg_resources."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import textstat
    return textstat


def plain_words(text: ArticleText, figures: Sequence[object], *, end: int) -> str:
    """Return what a reader reads aloud of the body up to `end`: no heading, citation, mark-up or address.

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
    prose = HEADING.sub("", CITATION.sub("", LINK.sub("]", prose)))
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d{1,3}[.)])\s)", prose)
    return " ".join(filter(None, map(_as_sentence, blocks)))


def _as_sentence(block: str) -> str:
    """A block on one line; an item of a list that ends without a stop gets one, or it would run on."""
    words = " ".join(re.sub(r"[*_`\[\]\\]", "", ITEM.sub("", block)).split())
    words = re.sub(r"\s+([.,;:!?])", r"\1", words)
    return words if not words or words[-1] in ".!?" else f"{words.rstrip(',;:')}."
