"""What a figure asks about, where it leads, and what it says when the records hold none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from conditions.domain.article import FigureValue
from conditions.services.figure_facts import ALL, FigureFacts

Attributes = Mapping[str, str]


class NoFigureError(LookupError):
    """The records hold no such figure; the words name what is missing and the mend."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem, self.mend = problem, mend


def scope_asked(attributes: Attributes, facts: FigureFacts) -> str:
    """Return whose studies are asked about: the slug of a condition, or `all` for the whole corpus.

    Raises:
        NoFigureError: there is no such condition.
    """
    slug = attributes["condition"]
    if slug != ALL and slug not in facts.conditions:
        raise NoFigureError(f"there is no condition {slug}", "Correct the slug; /conditions/ lists them.")
    return slug


def value_of_scope(
    scope: str, facts: FigureFacts, text: str, place: str = "studies", query: str = ""
) -> FigureValue:
    """Return a figure that leads to a part of the condition's page, or to the site's list of all.

    Args:
        scope: as scope_asked gives it.
        facts: hold the condition.
        text: what the figure says.
        place: the name of the part; for all also that of the list: studies, doses or trials.
        query: narrows the list of all, such as ?design_group=randomised.
    """
    if scope == ALL:
        return FigureValue(text, f"{reverse(place)}{query}")
    return FigureValue(text, f"{facts.conditions[scope].get_absolute_url()}#{place}")


def one_of(word: str, words: Sequence[str], name: str) -> str:
    """Return the word if it is one of those allowed.

    Raises:
        NoFigureError: it is not.
    """
    if word not in words:
        raise NoFigureError(f"there is no {name} {word}", f"Use one of {', '.join(words)}.")
    return word
