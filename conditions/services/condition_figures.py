"""Figures that count over the studies and registered trials of one condition, or of all (`condition=all`)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from conditions.domain.article import FigureValue
from conditions.evidence import dose_range_of, people_of_each_trial
from conditions.services.figure_facts import FigureFacts, last_answer
from conditions.services.figure_scope import Attributes, NoFigureError, one_of, scope_asked, value_of_scope
from conditions.services.figure_words import day_words
from studies.domain.speech import ENGLISH
from studies.domain.trial_state import TrialState
from studies.domain.vocabulary import ArmRole, DesignGroup
from studies.models import SideEffectReport, Study

RANDOMISED = f"?design_group={DesignGroup.RANDOMISED}"


def _studies_asked(attributes: Attributes, facts: FigureFacts) -> tuple[str, list[Study], str]:
    """Whose studies, those of the asked group of designs, and how the list of all is narrowed to them."""
    scope = scope_asked(attributes, facts)
    studies = facts.studies_of.get(scope, [])
    if "design" not in attributes:
        return scope, studies, ""
    group = one_of(attributes["design"], list(DesignGroup), "group of designs")
    return scope, [study for study in studies if study.group == group], f"?design_group={group}"


def _randomised(scope: str, facts: FigureFacts) -> list[Study]:
    """Those that stand: a paper that was taken back counts for nothing."""
    studies = facts.studies_of.get(scope, [])
    return [study for study in studies if study.is_randomised and not study.is_gone]


def _trials_of(studies: Iterable[Study]) -> int:
    return len(people_of_each_trial(studies))


def count_randomised_trials(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many randomised trials there are; reports of one trial count once."""
    scope = scope_asked(attributes, facts)
    return value_of_scope(scope, facts, str(_trials_of(_randomised(scope, facts))), query=RANDOMISED)


def count_people(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many people were in the randomised trials, as far as their reports say."""
    scope = scope_asked(attributes, facts)
    known = [n for n in people_of_each_trial(_randomised(scope, facts)) if n is not None]
    if not known:
        raise NoFigureError(
            f"no randomised trial of {scope} says how many people took part",
            "Say so in words, or leave the figure out.",
        )
    return value_of_scope(scope, facts, ENGLISH.count(sum(known)), query=RANDOMISED)


def count_studies(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many published records there are, of all designs or of one group."""
    scope, studies, query = _studies_asked(attributes, facts)
    return value_of_scope(scope, facts, str(len(studies)), query=query)


def count_checked(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many of the records a second person has held against the paper."""
    scope, studies, query = _studies_asked(attributes, facts)
    return value_of_scope(scope, facts, str(sum(study.is_checked for study in studies)), query=query)


def count_reread(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many of the records were read a second time against another copy."""
    scope, studies, query = _studies_asked(attributes, facts)
    return value_of_scope(
        scope, facts, str(sum(hasattr(study, "second_reading") for study in studies)), query=query
    )


def describe_dose_range(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return the smallest and largest daily dose in mg of the studies, of all designs or of one group."""
    scope, studies, _ = _studies_asked(attributes, facts)
    ends = dose_range_of(studies)
    if ends is None:
        raise NoFigureError(f"no study of {scope} states a daily dose in mg", "Say so in words instead.")
    low, high = ends
    text = f"{low} mg a day" if low == high else f"{low} to {high} mg a day"
    return value_of_scope(scope, facts, text, "doses")


def count_trials_at_dose(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return in how many randomised trials an arm reached a daily dose, with that dose."""
    scope = scope_asked(attributes, facts)
    written = attributes["amount-mg"]
    try:
        amount_mg = Decimal(written)
    except InvalidOperation:
        raise NoFigureError(f"{written} is no amount in mg", "Write it like 4.5.") from None
    reports = [study for study in _randomised(scope, facts) if amount_mg in _daily_amounts(study)]
    if not reports:
        raise NoFigureError(f"no randomised trial of {scope} reached {written} mg a day", "Leave it out.")
    n = _trials_of(reports)
    text = f"{n} trial{'' if n == 1 else 's'} at {written} mg a day"
    return value_of_scope(scope, facts, text, "doses")


def _daily_amounts(study: Study) -> set[Decimal | None]:
    arms = [arm for arm in study.arms.all() if arm.role == ArmRole.INTERVENTION]
    return {arm.dose.daily_mg for arm in arms if hasattr(arm, "dose")}


def count_trials_counting_side_effects(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return for how many randomised trials the records hold people with a side effect, of how many, in
    both groups."""
    scope = scope_asked(attributes, facts)
    counting = [
        study
        for study in _randomised(scope, facts)
        if any(map(_is_counted_in_both_groups, study.side_effect_reports.all()))
    ]
    return value_of_scope(scope, facts, str(_trials_of(counting)), query=RANDOMISED)


def _is_counted_in_both_groups(report: SideEffectReport) -> bool:
    counts = report.counts.all()
    return len(counts) == 2 and all(count.events is not None and count.n for count in counts)


def count_registered_trials(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many registered trials there are, in any state or in one."""
    scope = scope_asked(attributes, facts)
    trials = facts.trials_of.get(scope, [])
    if "state" in attributes:
        state = one_of(attributes["state"], list(TrialState), "state")
        trials = [trial for trial in trials if trial.state == state]
    return value_of_scope(scope, facts, str(len(trials)), "trials")


def count_overdue_trials(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return how many registered trials owe results on the day that is asked about."""
    scope = scope_asked(attributes, facts)
    overdue = [trial for trial in facts.trials_of.get(scope, []) if trial.is_overdue_on(facts.today)]
    return value_of_scope(scope, facts, str(len(overdue)), "trials")


def date_status_check(attributes: Attributes, facts: FigureFacts) -> FigureValue:
    """Return the day on which a registry last answered about any of the studies."""
    scope = scope_asked(attributes, facts)
    return value_of_scope(scope, facts, day_words(last_answer(facts.studies_of.get(scope, []))))
