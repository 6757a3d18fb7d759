"""The living figures of articles: one registry of kinds, each a small function of the records.

A figure that the records do not hold is a problem with its mend, never an empty text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, get_args

from django.urls import reverse

from conditions.domain.article import FigureProblem, FigureValue, Mark
from conditions.domain.number_words import describe_pool
from conditions.domain.record import Verdict
from conditions.models import Claim, SafetyFact
from conditions.services import condition_figures
from conditions.services.figure_facts import FigureFacts, last_answer, load_facts
from conditions.services.figure_scope import Attributes, NoFigureError, one_of, value_of_scope
from conditions.services.figure_words import (
    before_words,
    count_words,
    day_words,
    difference_words,
    effect_words,
    p_words,
    rate_words,
    result_words,
)
from studies.domain.dosing import LDN_HIGH_MG, LDN_LOW_MG, describe_amount
from studies.domain.speech import ENGLISH
from studies.domain.vocabulary import Measure, OutcomeDomain
from studies.models import Arm, Outcome, SideEffectCount, SideEffectReport, Study

Figure = FigureValue | FigureProblem
EntryT = TypeVar("EntryT")

SIDES = ("intervention", "comparator")
PARTS = (*SIDES, "before", "effect", "p")
COMPARATORS = ("placebo", "active", "none")
MEASURES = tuple(measure.value for measure in Measure)
NOTHING_POOLED = "none: no study gives a number that can be pooled"
NOT_GRADED = "not graded: no study makes this comparison"
FACT_PARTS = ("headline", "detail", "low-dose")


@dataclass(frozen=True)
class Kind:
    """One kind of figure: the attributes it needs, those it may have, and how it is made."""

    make: Callable[[Attributes, FigureFacts], FigureValue]
    needs: tuple[str, ...]
    may_have: tuple[str, ...] = ()


def compute_figures(marks: Sequence[Mark], *, today: date) -> list[Figure]:
    """Return what each mark becomes, in their order, with one fetch for all of them.

    Args:
        marks: of one article or of many.
        today: decides which registered trials are overdue.
    """
    facts = load_facts(marks, today=today)
    return [make_figure(mark, facts) for mark in marks]


def make_figure(mark: Mark, facts: FigureFacts) -> Figure:
    """Return the words and the address of one mark, or why there are none and what would mend it."""
    kind = KINDS.get(mark.kind)
    if kind is None:
        known = ", ".join(KINDS)
        return FigureProblem(f"there is no kind of figure “{mark.kind}”", f"Use one of {known}.")
    given = set(mark.attributes) - {"kind"}
    missing = [name for name in kind.needs if not mark.attributes.get(name)]
    unknown = sorted(given - set(kind.needs) - set(kind.may_have))
    if missing or unknown:
        wrong = f"lacks {', '.join(missing)}" if missing else f"knows nothing of {', '.join(unknown)}"
        takes = ", ".join([*kind.needs, *(f"{name} (optional)" for name in kind.may_have)])
        return FigureProblem(f"the figure {mark.kind} {wrong}", f"It takes {takes}.")
    try:
        return kind.make(mark.attributes, facts)
    except NoFigureError as error:
        return FigureProblem(error.problem, error.mend)


# ---- of a question, a claim or a safety fact


def _question(attributes: Attributes, facts: FigureFacts, shape: str) -> list[str]:
    """The parts of a question such as fibromyalgia/pain/placebo/MD, each a known word."""
    parts = attributes["question"].split("/")
    allowed: list[Sequence[str]] = [list(facts.conditions), list(OutcomeDomain), COMPARATORS, MEASURES]
    names = shape.split("/")
    if len(parts) != len(names):
        raise NoFigureError(f"the question {attributes['question']} is not {shape}", f"Write it as {shape}.")
    for part, name, words in zip(parts, names, allowed, strict=False):
        if part not in words:
            listed = "/conditions/ lists them" if name == "CONDITION" else f"use one of {', '.join(words)}"
            raise NoFigureError(f"there is no {name.lower()} {part}", f"Correct it; {listed}.")
    return parts


def _pool(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    condition, domain, comparator, measure = _question(
        attributes, facts, "CONDITION/DOMAIN/COMPARATOR/MEASURE"
    )
    pool = facts.answered.pools.get((condition, domain, comparator, measure))
    if pool is None:
        return value_of_scope(condition, facts, NOTHING_POOLED, "answers")
    return FigureValue(describe_pool(pool), pool.get_absolute_url())


def _certainty(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    condition, domain, comparator = _question(attributes, facts, "CONDITION/DOMAIN/COMPARATOR")
    certainty = facts.answered.certainties.get((condition, domain, comparator))
    if certainty is None:
        return value_of_scope(condition, facts, NOT_GRADED, "answers")
    address = f"{facts.conditions[condition].get_absolute_url()}#{certainty.anchor}"
    return FigureValue(certainty.word_label.lower(), address)


def _claim(attributes: Attributes, facts: FigureFacts) -> Claim:
    slug = attributes["claim"]
    if slug not in facts.claims:
        raise NoFigureError(f"there is no claim {slug}", "Correct the slug; /claims/ lists them.")
    return facts.claims[slug]


def _verdict(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    claim = _claim(attributes, facts)
    return FigureValue(claim.get_verdict_display(), claim.get_absolute_url())


def _reason(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """The first reader's reason for the verdict, as it stands in the record."""
    claim = _claim(attributes, facts)
    return FigureValue(claim.rationale, claim.get_absolute_url())


def _safety_fact(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    slug, part = attributes["fact"], one_of(attributes["part"], FACT_PARTS, "part")
    if slug not in facts.safety_facts:
        raise NoFigureError(f"there is no safety fact {slug}", "Correct the slug; /safety/ lists them.")
    text = _fact_words(facts.safety_facts[slug], part)
    if not text:
        raise NoFigureError(f"the safety fact {slug} says nothing of low doses", "Say so in words.")
    return FigureValue(text, f"{reverse('safety')}#{slug}")


def _fact_words(fact: SafetyFact, part: str) -> str:
    return {"headline": fact.headline, "detail": fact.detail, "low-dose": fact.low_dose_note or ""}[part]


def _claims(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    word = attributes.get("verdict")
    n = facts.n_claims[one_of(word, get_args(Verdict), "verdict")] if word else facts.n_claims.total()
    return FigureValue(str(n), reverse("claims"))


def _low_dose(attributes: Attributes, facts: FigureFacts) -> FigureValue:  # noqa: ARG001
    """What this site counts as low."""
    return FigureValue(f"{LDN_LOW_MG} to {LDN_HIGH_MG} mg a day", reverse("doses"))


# ---- of a study


def _study(attributes: Attributes, facts: FigureFacts) -> Study:
    key = attributes["study"]
    if key not in facts.studies:
        raise NoFigureError(f"there is no published study {key}", "Correct the key; /studies/ lists them.")
    return facts.studies[key]


def _of_study(study: Study, text: str, fragment: str) -> FigureValue:
    return FigureValue(text, f"{study.get_absolute_url()}#{fragment}")


def _nth(entries: Iterable[EntryT], written: str, what: str, study: Study) -> tuple[int, EntryT]:
    """The place from 0 and the entry that a number from 1 means."""
    rows = list(entries)
    if not written.isdecimal() or not 1 <= int(written) <= len(rows):
        raise NoFigureError(
            f"{study.key} has no {what} {written}",
            f"Give a number from 1 to {len(rows)}." if rows else f"Its record holds no {what}.",
        )
    return int(written) - 1, rows[int(written) - 1]


def _missing(study: Study, what: str) -> NoFigureError:
    return NoFigureError(
        f"the record of {study.key} holds no {what}",
        f"Say in words that it is not reported, or look at /studies/{study.key}/.",
    )


def _study_people(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    study = _study(attributes, facts)
    n = study.n_enrolled if study.n_enrolled is not None else study.n_analysed
    if n is None:
        raise _missing(study, "number of people")
    return _of_study(study, ENGLISH.count(n), "people")


def _arm(attributes: Attributes, facts: FigureFacts) -> tuple[Study, int, Arm]:
    study = _study(attributes, facts)
    return (study, *_nth(study.arms.all(), attributes["arm"], "arm", study))


def _arm_people(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    study, index, arm = _arm(attributes, facts)
    if arm.n is None:
        raise _missing(study, f"number of people in arm {index + 1}")
    return _of_study(study, ENGLISH.count(arm.n), f"arm-{index}")


def _arm_dose(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    study, index, arm = _arm(attributes, facts)
    text = describe_amount(arm.dose) if hasattr(arm, "dose") else "dose not reported"
    if text == "dose not reported":
        raise _missing(study, f"dose of arm {index + 1}")
    return _of_study(study, text, f"arm-{index}")


def _arm_weeks(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    study, index, arm = _arm(attributes, facts)
    weeks = arm.dose.duration_weeks if hasattr(arm, "dose") else None
    if weeks is None:
        raise _missing(study, f"duration of arm {index + 1}")
    return _of_study(study, f"{weeks} {'week' if weeks == 1 else 'weeks'}", f"arm-{index}")


def _result(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    study = _study(attributes, facts)
    index, outcome = _nth(study.outcomes.all(), attributes["outcome"], "outcome", study)
    part = one_of(attributes["part"], PARTS, "part")
    text = _part_words(outcome, part)
    if not text:
        raise _missing(study, f"{part} for outcome {index + 1} ({outcome.name})")
    return _of_study(study, text, f"outcome-{index}")


def _part_words(outcome: Outcome, part: str) -> str:
    if part in (*SIDES, "before"):
        side = SIDES[0] if part == "before" else part
        row = next((row for row in outcome.results.all() if row.side == side), None)
        words = before_words if part == "before" else result_words
        return words(row) if row else ""
    effect = getattr(outcome, "effect", None)
    if effect is None:
        return ""
    return effect_words(effect) if part == "effect" else p_words(effect)


def _side_effect(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    return _count_of_side(attributes, facts, count_words)


def _side_effect_rate(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    return _count_of_side(attributes, facts, rate_words)


def _count_of_side(
    attributes: Attributes, facts: FigureFacts, words: Callable[[SideEffectCount], str]
) -> FigureValue:
    side = one_of(attributes["side"], SIDES, "side")
    return _of_side_effect(
        attributes,
        facts,
        lambda report: next((words(count) for count in report.counts.all() if count.side == side), ""),
        f"count of {attributes['side-effect']} ({side})",
    )


def _side_effect_difference(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    what = f"count of {attributes['side-effect']} with its denominator on both sides"
    return _of_side_effect(attributes, facts, _difference_of_sides, what)


def _difference_of_sides(report: SideEffectReport) -> str:
    counts = {count.side: count for count in report.counts.all()}
    return difference_words(*(counts[side] for side in SIDES)) if len(counts) == len(SIDES) else ""


def _of_side_effect(
    attributes: Attributes, facts: FigureFacts, words: Callable[[SideEffectReport], str], what: str
) -> FigureValue:
    """What the study's only report of the side effect says; two of them are not chosen between."""
    study = _study(attributes, facts)
    slug = attributes["side-effect"]
    found = [
        (index, text)
        for index, report in enumerate(study.side_effect_reports.all())
        if report.side_effect.slug == slug and (text := words(report))
    ]
    if not found:
        raise _missing(study, what)
    if len(found) > 1:
        raise NoFigureError(
            f"{study.key} counts {slug} more than once", f"Link to /studies/{study.key}/ in words instead."
        )
    return _of_study(study, found[0][1], f"side-effect-{found[0][0]}")


def _status_checked(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    if len({"study", "condition"} & set(attributes)) != 1:
        raise NoFigureError("the figure status-checked asks about one thing", "Give study or condition.")
    if "condition" in attributes:
        return condition_figures.date_status_check(attributes, facts)
    study = _study(attributes, facts)
    return FigureValue(day_words(last_answer([study])), study.get_absolute_url())


KINDS: dict[str, Kind] = {
    "randomised-trials": Kind(condition_figures.count_randomised_trials, ("condition",)),
    "people": Kind(condition_figures.count_people, ("condition",)),
    "studies": Kind(condition_figures.count_studies, ("condition",), ("design",)),
    "checked-studies": Kind(condition_figures.count_checked, ("condition",), ("design",)),
    "reread-studies": Kind(condition_figures.count_reread, ("condition",), ("design",)),
    "dose-range": Kind(condition_figures.describe_dose_range, ("condition",), ("design",)),
    "trials-at-dose": Kind(condition_figures.count_trials_at_dose, ("condition", "amount-mg")),
    "trials-counting-side-effects": Kind(
        condition_figures.count_trials_counting_side_effects, ("condition",)
    ),
    "registered-trials": Kind(condition_figures.count_registered_trials, ("condition",), ("state",)),
    "overdue-trials": Kind(condition_figures.count_overdue_trials, ("condition",)),
    "study-people": Kind(_study_people, ("study",)),
    "arm-people": Kind(_arm_people, ("study", "arm")),
    "arm-dose": Kind(_arm_dose, ("study", "arm")),
    "arm-weeks": Kind(_arm_weeks, ("study", "arm")),
    "result": Kind(_result, ("study", "outcome", "part")),
    "side-effect": Kind(_side_effect, ("study", "side-effect", "side")),
    "side-effect-rate": Kind(_side_effect_rate, ("study", "side-effect", "side")),
    "side-effect-difference": Kind(_side_effect_difference, ("study", "side-effect")),
    "pool": Kind(_pool, ("question",)),
    "certainty": Kind(_certainty, ("question",)),
    "verdict": Kind(_verdict, ("claim",)),
    "claims": Kind(_claims, (), ("verdict",)),
    "reason": Kind(_reason, ("claim",)),
    "low-dose": Kind(_low_dose, ()),
    "safety-fact": Kind(_safety_fact, ("fact", "part")),
    "status-checked": Kind(_status_checked, (), ("condition", "study")),
}
