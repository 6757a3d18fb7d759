"""What each page is found by, made from its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.html import strip_tags

from conditions.models import Article, Certainty, Claim, Condition, PoolStudy, SafetyFact
from search.domain.text import fold
from search.models import Kind, Tier
from search.services.overviews import GLOSSARY, OVERVIEWS, SAFETY
from studies.domain.dosing import band_of_dose
from studies.domain.trial_state import STATE_LABELS
from studies.domain.vocabulary import ArmRole, DesignGroup
from studies.models import SideEffect, Study, Trial
from studies.services.glossary import load_glossary

# At equal match what can tell cause from chance stands first.
PRIORS = {
    DesignGroup.RANDOMISED: 1.0,
    DesignGroup.REVIEW: 1.0,
    DesignGroup.OTHER_TRIAL: 0.85,
    DesignGroup.OBSERVATIONAL: 0.75,
    DesignGroup.CASES: 0.6,
    DesignGroup.NARRATIVE: 0.6,
    DesignGroup.LABORATORY: 0.5,
    DesignGroup.PROTOCOL: 0.5,
}
OF_GONE = 0.4
STRONG = {DesignGroup.RANDOMISED, DesignGroup.REVIEW}
MAX_AUTHORS = 6
MOST_JOINED = 4
# What somebody asks who takes another medicine: warnings stand first at equal match.
OF_WARNINGS = 4.0
# Words in which a complaint is spoken of, whatever it is.
OF_SIDE_EFFECTS = "side effect adverse event when taking it"
WARNING = {SafetyFact.Level.STOP, SafetyFact.Level.CAUTION}


@dataclass(frozen=True)
class Entry:
    """One row of the table, with the texts of its four weights (A to D)."""

    kind: Kind
    object_id: int
    path: str
    title: str
    weights: tuple[str, str, str, str]
    byline: str = ""
    text: str = ""
    names: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    tier: int = Tier.PAGES
    prior: float = 1.0
    authors: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    design: str | None = None
    dose_bands: list[str] = field(default_factory=list)
    certainties: list[str] = field(default_factory=list)
    directions: list[str] = field(default_factory=list)
    status: str | None = None
    year: int | None = None
    has_numbers: bool | None = None
    open_access: bool | None = None

    @property
    def name(self) -> str:
        return fold(self.title)[:500]

    @property
    def all_names(self) -> list[str]:
        """Every name as it is searched, the title's first."""
        sides = [side for name in [self.title, *self.names] for side in name.split("/") if "/" in name]
        return list(dict.fromkeys(filter(None, [self.name, *map(fold, [*self.names, *sides])])))

    @property
    def keys(self) -> list[str]:
        """Every name, those of pages that are no study also as one word (longcovid), and every question."""
        joined = [name.replace(" ", "") for name in self.all_names if name.count(" ") < MOST_JOINED]
        joined = [] if self.kind in (Kind.STUDY, Kind.TRIAL) else joined
        return list(dict.fromkeys([*self.all_names, *joined, *map(fold, self.questions)]))

    @property
    def lexemes(self) -> str:
        """Conditions and surnames as a tsvector of words that no text can hold."""
        marks = [f"'co_{slug}':1B" for slug in self.conditions]
        marks += sorted({f"'au_{word}'" for name in self.authors for word in fold(name).split()})
        return " ".join(marks)


def of_conditions(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of conditions and topics; None stands for all of them, here and below."""
    rows = Condition.objects.prefetch_related(
        "synonyms", Prefetch("certainties", Certainty.objects.order_by("domain", "comparator"))
    )
    for row in _some(rows, ids):
        synonyms = [synonym.name for synonym in row.synonyms.all()]
        codes = filter(None, [row.icd10, row.icd11, row.mesh_id, row.mesh_name, row.icd11_foundation_title])
        certainties = list(row.certainties.all())
        outcomes = [certainty.get_domain_display() for certainty in certainties]
        yield Entry(
            kind=Kind.CONDITION,
            object_id=row.pk,
            path=row.get_absolute_url(),
            title=row.name,
            byline=f"also: {', '.join(synonyms)}" if synonyms else "",
            text=row.definition,
            names=[*synonyms, row.slug.replace("-", " ")],
            weights=(_text(row.name, *synonyms), "", row.definition, _text(*codes, *outcomes)),
            conditions=[row.slug],
            certainties=sorted({certainty.word for certainty in certainties}),
        )


def of_overviews(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of overviews; safety is found by its warnings too, the glossary by its words."""
    for row in OVERVIEWS:
        if ids is not None and row.number not in ids:
            continue
        text, warnings, questions = "", "", []
        if row.number == SAFETY:
            facts = SafetyFact.objects.all()
            text = _text(*(part for fact in facts for part in (fact.headline, fact.detail)))
            warnings = _text(*(words for fact in facts if fact.level in WARNING for words in _headings(fact)))
        elif row.number == GLOSSARY:
            terms = load_glossary().terms
            text = _text(*(f"{term.name}: {term.meaning}" for term in terms))
            questions = [each for term in terms for form in term.forms for each in _questions(form)]
        yield Entry(
            kind=Kind.PAGE,
            object_id=row.number,
            path=row.path,
            title=row.title,
            byline=row.byline,
            text=text,
            names=list(row.names),
            questions=questions,
            weights=(_text(row.title, *row.names), _text(row.byline, warnings), text, ""),
            prior=OF_WARNINGS if row.number == SAFETY else 1.0,
        )


def _questions(word: str) -> tuple[str, ...]:
    """What somebody types who does not know a word."""
    article = "an" if word[0] in "aeiou" else "a"
    return f"what is {word}", f"what is {article} {word}", f"what are {word}", f"what does {word} mean"


def _headings(fact: SafetyFact) -> tuple[str, ...]:
    """What a warning is about: its name, its headline, and of what must never be done all but figures.

    Which medicines must not be mixed with it stands in the detail. A sentence with a word of the glossary
    speaks of studies.
    """
    of_research = {form.lower() for term in load_glossary().terms for form in term.forms}
    sentences = _SENTENCE.split(fact.detail) if fact.level == SafetyFact.Level.STOP else []
    named = [each for each in sentences if not of_research.intersection(fold(each).split())]
    return fact.slug.replace("-", " "), fact.headline, *named


def of_side_effects(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of side effects."""
    for row in _some(SideEffect.objects.all(), ids):
        names = _text(*row.reported_as)
        yield Entry(
            kind=Kind.SIDE_EFFECT,
            object_id=row.pk,
            path=row.get_absolute_url(),
            title=row.name,
            text=row.description or "",
            names=list(row.reported_as),
            weights=(row.name, _text(names, OF_SIDE_EFFECTS), row.description or "", ""),
        )


def of_articles(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of published articles."""
    for row in _some(Article.objects.published().select_related("condition"), ids):
        body = _prose(row.patient_html)
        slug = row.condition.slug if row.condition else None
        yield Entry(
            kind=Kind.ARTICLE,
            object_id=row.pk,
            path=row.get_absolute_url(),
            title=row.title,
            byline=row.summary,
            text=body,
            weights=(row.title, row.summary, "", _text(body, _prose(row.clinician_html))),
            conditions=[slug] if slug else [],
        )


def of_claims(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of claims."""
    for row in _some(Claim.objects.with_conditions(), ids):
        yield Entry(
            kind=Kind.CLAIM,
            object_id=row.pk,
            path=row.get_absolute_url(),
            title=row.statement,
            byline=f"{row.get_verdict_display()} · {row.get_topic_display()}",
            text=row.rationale,
            weights=(row.statement, "", row.rationale, ""),
            conditions=[link.condition.slug for link in row.claim_conditions.all()],
        )


def of_trials(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of registered trials."""
    for row in _some(Trial.objects.with_conditions(), ids):
        slugs = [link.condition.slug for link in row.trial_conditions.all()]
        parts = [row.registry_id, STATE_LABELS[row.state], f"phase {row.phase}" if row.has_phase else None]
        yield Entry(
            kind=Kind.TRIAL,
            object_id=row.pk,
            path=row.get_absolute_url(),
            title=row.title,
            byline=" · ".join(part for part in parts if part),
            text=row.note or "",
            names=[row.registry_id, *row.other_ids],
            weights=(
                row.title,
                _text(row.registry_id, *row.other_ids),
                _text(row.dose, "registered clinical trial study"),
                _text(row.sponsor, row.note),
            ),
            conditions=slugs,
            prior=0.6,
        )


def of_studies(ids: Iterable[int] | None = None) -> Iterable[Entry]:
    """Return the entries of published studies."""
    rows = (
        Study.objects.published()
        .with_conditions()
        .with_arms()
        .with_outcomes()
        .prefetch_related(
            "side_effect_reports",
            Prefetch("pool_rows", PoolStudy.objects.filter(is_in=True).select_related("pool")),
        )
    )
    words = {(row.condition_id, row.domain, row.comparator): row.word for row in Certainty.objects.all()}
    for row in _some(rows, ids):
        pools = [place.pool for place in row.pool_rows.all()]
        questions = {(pool.condition_id, pool.domain, pool.comparator) for pool in pools}
        yield _of_study(row, sorted({words[each] for each in questions & words.keys()}))


def _of_study(row: Any, certainties: list[str]) -> Entry:
    authors = list(row.authors or [])
    slugs = [link.condition.slug for link in row.study_conditions.all()]
    outcomes = list(row.outcomes.all())
    arms = list(row.arms.all())
    doses = [arm.dose for arm in arms if arm.role == ArmRole.INTERVENTION and hasattr(arm, "dose")]
    surname = re.split(r"\s", authors[0])[0] if authors else ""
    rest = [outcome.name for outcome in outcomes] + [
        report.reported_name for report in row.side_effect_reports.all()
    ]
    people = authors[:MAX_AUTHORS] + (["et al."] if len(authors) > MAX_AUTHORS else [])
    return Entry(
        kind=Kind.STUDY,
        object_id=row.pk,
        path=row.get_absolute_url(),
        title=row.title,
        byline=", ".join(people),
        text=row.conclusion,
        names=[row.key, f"{surname} {row.year}", f"{surname} et al {row.year}"] if surname else [row.key],
        tier=Tier.STRONG if row.group in STRONG else Tier.OTHER,
        prior=PRIORS[row.group] * (OF_GONE if row.is_gone else 1),
        weights=(
            _text(row.title, *authors[:3]),
            _text(*authors[3:], row.year, row.get_design_display()),
            row.conclusion,
            _text(row.population, *_journal(row), row.country, *rest, *(arm.name for arm in arms)),
        ),
        authors=authors,
        conditions=slugs,
        design=row.design,
        dose_bands=sorted({band_of_dose(dose).value for dose in doses}),
        certainties=certainties,
        directions=sorted({outcome.direction for outcome in outcomes if outcome.direction}),
        status=row.publication_status,
        year=row.year,
        has_numbers=any(
            outcome.results.all() or (hasattr(outcome, "effect") and outcome.effect.value is not None)
            for outcome in outcomes
        ),
        open_access=row.open_access,
    )


def _journal(row: Study) -> tuple[str | None, str]:
    """The journal, and of its short form what is no word of it: Lancet Rheumatol."""
    words = (row.journal or "").split()
    return row.journal, " ".join(word for word in (row.journal_abbrev or "").split() if word not in words)


MAKERS: dict[str, Callable[[Iterable[int] | None], Iterable[Entry]]] = {
    Kind.CONDITION: of_conditions,
    Kind.PAGE: of_overviews,
    Kind.SIDE_EFFECT: of_side_effects,
    Kind.ARTICLE: of_articles,
    Kind.CLAIM: of_claims,
    Kind.TRIAL: of_trials,
    Kind.STUDY: of_studies,
}


def _some(rows: QuerySet[Any], ids: Iterable[int] | None) -> Iterable[Any]:
    chosen = rows if ids is None else rows.filter(pk__in=list(ids))
    return chosen.order_by("pk").iterator(chunk_size=500)


_SENTENCE = re.compile(r"(?<=[.:;])\s")
# Where a line ends; a tag within a line parts no words.
_BLOCK = re.compile(r"<(?=/?(?:p|h[1-6]|li|ul|ol|dt|dd|table|caption|thead|tbody|tr|th|td|section|div|br)\b)")


def _prose(html: str) -> str:
    """Return the words of an article as one would read them out, a colon behind each heading."""
    return " ".join(strip_tags(_BLOCK.sub(" <", re.sub(r"(</h[1-6]>)", r":\1", html))).split())


def _text(*parts: Any) -> str:
    return " . ".join(str(part) for part in parts if part)


def fold_weights(entries: Sequence[Entry]) -> list[tuple[str, str, str, str]]:
    """Return the four texts of each entry as they are searched."""
    return [tuple(map(fold, entry.weights)) for entry in entries]  # type: ignore[misc]
