"""Whether a DOI or PubMed number leads to the paper that the record is about.

Many identifiers of the corpus were copied from elsewhere, so each is checked by what the registry says
stands under it: title, year, first author. What does not match is for an editor, never an update.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from studies.domain.bibliography import PaperFacts
from studies.domain.trial_facts import TrialFacts
from studies.domain.wording import (
    is_same_surname,
    is_same_title,
    normalise_title,
    squash,
    title_similarity,
)

# As titles, keywords and interventions of trials call it; Lodonal is a tablet of 4.5 mg.
SUBSTANCE = frozenset({"naltrexone", "naltrexon", "naltrexona", "ldn", "lodonal"})


class Identity(StrEnum):
    """How sure it is that two descriptions are of one paper."""

    SAME = "same"
    DOUBTFUL = "doubtful"
    OTHER = "other"


@dataclass(frozen=True)
class IdentityCheck:
    """Whether an identifier leads to the record's paper; `reasons` say for people why not.

    `grade`: SAME when all that can be compared agrees; DOUBTFUL when the title agrees and something else
    does not, or when nothing but a title that is only alike can be compared; OTHER when the title is another
    one, or year and first author both are. `title_similarity` is 0 to 1, None without a title.
    """

    grade: Identity
    reasons: tuple[str, ...] = ()
    title_similarity: float | None = None

    @property
    def is_same_paper(self) -> bool:
        """True when the registry's facts may be used for the record. DOUBTFUL is not enough."""
        return self.grade == Identity.SAME


def compare(
    facts: PaperFacts, title: str, year: int | None = None, authors: Sequence[str] | None = None
) -> IdentityCheck:
    """Return whether the registry's paper is the record's paper.

    `year` and `authors` (surname and initials) are the record's own; None or empty is not compared. A year
    may differ by one, for online and print. An answer without a title proves nothing, so it is a conflict.

    >>> facts = PaperFacts("crossref", title="A trial of ketamine", year=2013)
    >>> compare(facts, "A survey of sleep", 2009).reasons
    ('the title there is "A trial of ketamine"', 'the year there is 2013, here 2009')
    >>> compare(facts, "A trial of ketamine", 2009).grade
    <Identity.DOUBTFUL: 'doubtful'>
    """
    similarity = title_similarity(facts.title, title) if facts.title else None
    about_title = tuple(_title_reasons(facts, title, year, authors))
    about_rest = tuple(_other_reasons(facts, year, authors))
    reasons = about_title + about_rest
    if not reasons:
        return IdentityCheck(Identity.SAME, (), similarity)
    is_this_title = bool(facts.title) and is_same_title(facts.title or "", title) and not facts.is_notice
    grade = Identity.DOUBTFUL if is_this_title and len(reasons) == 1 else Identity.OTHER
    return IdentityCheck(grade, reasons, similarity)


def compare_trial(facts: TrialFacts, title: str) -> IdentityCheck:
    """Return whether a registration number leads to the record's trial.

    The number is the identity: a title is often reworded, here and there. A wrong number shows itself in an
    entry that has another title and nowhere mentions the substance that all our trials give.

    >>> there = TrialFacts("clinicaltrials", "NCT1", title="Life Improvement Trial", subjects=("LDN", "pain"))
    >>> compare_trial(there, "Low-dose naltrexone for pain").grade
    <Identity.SAME: 'same'>
    >>> compare_trial(TrialFacts("clinicaltrials", "NCT1", title="Ketamine"), "Low-dose naltrexone").grade
    <Identity.OTHER: 'other'>
    """
    titles = [each for each in (facts.title, facts.official_title) if each]
    similarity = max((title_similarity(each, title) for each in titles), default=None)
    if any(is_same_title(each, title) for each in titles):
        return IdentityCheck(Identity.SAME, (), similarity)
    if any(SUBSTANCE & set(normalise_title(each).split()) for each in (*titles, *facts.subjects)):
        return IdentityCheck(Identity.SAME, (), similarity)
    called = f'the title there is "{titles[0][:300]}"' if titles else "the registry gives no title to compare"
    return IdentityCheck(Identity.OTHER, (called, "the entry nowhere mentions naltrexone"), similarity)


def _title_reasons(
    facts: PaperFacts, title: str, year: int | None, authors: Sequence[str] | None
) -> Iterator[str]:
    if facts.is_notice:
        yield "the identifier leads to a notice about a paper, not to the paper"
    if not facts.title:
        yield "the registry gives no title to compare"
    elif not is_same_title(facts.title, title):
        yield f'the title there is "{facts.title[:300]}"'
    elif (
        not (facts.year and year) and not (_first(facts) and authors) and squash(facts.title) != squash(title)
    ):
        yield f'the title there is "{facts.title[:300]}", and nothing else can be compared'


def _other_reasons(facts: PaperFacts, year: int | None, authors: Sequence[str] | None) -> Iterator[str]:
    if facts.year and year and abs(facts.year - year) > 1:
        yield f"the year there is {facts.year}, here {year}"
    first = _first(facts)
    if first and authors and not is_same_surname(first, authors[0]):
        yield f"the first author there is {first[:100]}, here {authors[0]}"


def _first(facts: PaperFacts) -> str | None:
    return facts.authors[0] if facts.authors else facts.first_author
