"""GRADE as one table: which fact rates the certainty down, by how much, why, and what would change it.

After the GRADE guidelines series (J Clin Epidemiol 2011;64: risk of bias 407-415, publication bias 1277-1282,
imprecision 1283-1293, inconsistency 1294-1302, indirectness 1303-1310). Certainty is never rated up here.
Of each question the first rule that fires counts; the last of each always fires.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conditions.domain.body import Body, BodyStudy, holds

# Raise it with every change of a rule, so that stored answers of older rules are known as such.
VERSION = "2"

# Cochrane Handbook 10.10.2: an I2 of 50 to 90 may be substantial, of 75 and more considerable.
SUBSTANTIAL_I2, CONSIDERABLE_I2 = 50, 75
# With fewer studies a prediction interval says more of their number than of their difference.
FEWEST_TO_PREDICT = 3
# Guyatt 2011 (imprecision): below 400 people, consider rating down a continuous outcome.
RULE_OF_THUMB_SIZE = 400
# Sterne et al., BMJ 2011;343:d4002: no test for asymmetry with fewer than ten studies; p below 0.1 counts.
FEWEST_TO_TEST_ASYMMETRY, ASYMMETRY_P = 10, 0.1
MOST_OF_THE_WEIGHT = 0.5

BAD = frozenset({"high", "serious", "critical"})
# What a non-randomised study lacks in being randomised is in the start at low already.
ACCEPTED = {True: frozenset({"low"}), False: frozenset({"low", "moderate"})}


@dataclass(frozen=True)
class Rule:
    """One line of the table. `domain` is GRADE's; a domain may ask several questions."""

    id: str
    domain: str
    change: int
    when: str
    fires: Callable[[Body], bool]
    reason: str | Callable[[Body], str]
    mend: str

    @property
    def question(self) -> str:
        return self.id.partition(".")[0]

    def explain(self, body: Body) -> str:
        """Why it fired for this body."""
        return self.reason if isinstance(self.reason, str) else self.reason(body)


def _always(_: Body) -> bool:
    return True


def _is_bad(study: BodyStudy) -> bool:
    return study.risk_of_bias in BAD


def _is_concerning(study: BodyStudy) -> bool:
    return study.risk_of_bias not in ACCEPTED[study.is_randomised]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _bias_reason(body: Body) -> str:
    unassessed = sum(study.risk_of_bias is None for study in body.studies)
    text = f"{_percent(body.share(_is_concerning))} of the weight comes from studies with concerns"
    if unassessed:
        text += f" ({unassessed} of {body.k} not assessed, or not in full, which counts as a concern)"
    return text


def _prediction_turns(body: Body) -> bool:
    """A new study could well find no difference, or the other side, although the pooled interval does not."""
    p = body.pooled
    if p is None or body.k < FEWEST_TO_PREDICT or not p.i2:
        return False
    null = body.null_value
    return holds(p.prediction_low, null, p.prediction_high) and not holds(p.ci_low, null, p.ci_high)


def _i2(body: Body) -> float:
    return (body.pooled.i2 if body.pooled else None) or 0.0


def _spread(body: Body) -> str:
    text = f"the studies differ more than chance explains (I² {_i2(body):.0f}%)"
    if _prediction_turns(body):
        text += ", and a new study could find no difference or the opposite (prediction interval)"
    return text


def _crossed(body: Body) -> int:
    """How many of the two thresholds of what matters lie inside the interval."""
    if body.thresholds is None or body.pooled is None:
        return 0
    return sum(holds(body.pooled.ci_low, threshold, body.pooled.ci_high) for threshold in body.thresholds)


def _mid(body: Body) -> str:
    known = body.minimal_difference
    return f"{known.value:g} ({known.source})" if known else ""


def _is_null_inside(body: Body) -> bool:
    return body.pooled is not None and holds(body.pooled.ci_low, body.null_value, body.pooled.ci_high)


def _size_wanted(body: Body) -> int:
    return body.optimal_information_size or RULE_OF_THUMB_SIZE


def _size_words(body: Body) -> str:
    size = f"{_size_wanted(body)} people"
    if body.optimal_information_size is None:
        return f"{size} (the rule of thumb, because the size needed cannot be computed from the records)"
    return f"{size} (the optimal information size)"


def _is_asymmetric(body: Body) -> bool:
    p = body.asymmetry_p
    return body.k >= FEWEST_TO_TEST_ASYMMETRY and p is not None and p < ASYMMETRY_P


def _indirect(body: Body) -> list[str]:
    found = []
    if body.doses_outside:
        found.append(f"the dose was not low in {', '.join(body.doses_outside)}")
    if body.population_note:
        found.append(body.population_note)
    if body.is_surrogate:
        found.append("a laboratory marker was measured, not how people feel")
    return found


def _unpooled(body: Body) -> str:
    """Who answers the question, but in no number that could be pooled; empty where nobody does."""
    keys = ", ".join(study.key for study in body.unpooled)
    return f"for want of numbers {keys} could not be pooled; " if keys else ""


def _few(body: Body) -> str:
    return f"{body.k} studies are" if body.k > 1 else "one study is"


NO_MID = "no minimal important difference is recorded"

RULES: tuple[Rule, ...] = (
    Rule("start.randomised", "start", 0, "All studies are randomised trials: starts high",
         lambda b: all(s.is_randomised for s in b.studies),
         lambda b: f"all {b.k} studies are randomised trials" if b.k > 1 else "it is a randomised trial",
         "Nothing: this is the highest start."),
    Rule("start.observational", "start", 0, "Any study is not randomised: starts low",
         _always,
         lambda b: f"{sum(not s.is_randomised for s in b.studies)} of {b.k} studies were not randomised",
         "Randomised trials."),
    Rule("bias.high", "risk of bias", -2, "Half of the weight or more is at high, serious or critical risk",
         lambda b: b.share(_is_bad) >= MOST_OF_THE_WEIGHT,
         lambda b: f"{_percent(b.share(_is_bad))} of the weight comes from studies at high risk of bias",
         "Trials with fewer losses and a plan that was fixed and reported beforehand."),
    Rule("bias.concerns", "risk of bias", -1, "Half of the weight or more has concerns or is not assessed",
         lambda b: b.share(_is_concerning) >= MOST_OF_THE_WEIGHT,
         _bias_reason,
         "Full reports that say how people were allotted, followed and analysed, judged by two people."),
    Rule("bias.few", "risk of bias", 0, "Less than half of the weight has concerns or is not assessed",
         lambda b: b.share(_is_concerning) > 0,
         _bias_reason,
         "It would be rated down if such studies came to carry half of the weight."),
    Rule("bias.none", "risk of bias", 0, "Every study is at low risk",
         _always,
         "every study is at low risk of bias",
         "It would be rated down if studies with concerns came to carry half of the weight."),
    Rule("inconsistency.one", "inconsistency", 0, "One study only",
         lambda b: b.k == 1,
         "there is one study only, so whether another would agree cannot be told",
         "A second study."),
    Rule("inconsistency.unknown", "inconsistency", 0, "No heterogeneity known",
         lambda b: b.pooled is None or b.pooled.i2 is None,
         "the results could not be set side by side as effects, so agreement is not judged",
         "Results reported with their spread, so that effects can be computed."),
    Rule("inconsistency.great", "inconsistency", -2, "I² of 75 or more, and the prediction interval turns",
         lambda b: _i2(b) >= CONSIDERABLE_I2 and _prediction_turns(b),
         _spread,
         "Studies that agree, or a reason for the difference that was named beforehand."),
    Rule("inconsistency.some", "inconsistency", -1, "I² of 50 or more, or the prediction interval turns",
         lambda b: _i2(b) >= SUBSTANTIAL_I2 or _prediction_turns(b),
         _spread,
         "Studies that agree, or a reason for the difference that was named beforehand."),
    Rule("inconsistency.none", "inconsistency", 0, "I² below 50, and the prediction interval does not turn",
         _always,
         lambda b: f"the studies agree within chance (I² {_i2(b):.0f}%)",
         "It would be rated down if studies came to differ by more than chance."),
    Rule("interval.unknown", "imprecision", -1, "No interval could be computed",
         lambda b: b.pooled is None,
         "no effect with an interval could be computed from what is recorded",
         "Means with standard deviations, or counts, for each arm."),
    Rule("interval.both", "imprecision", -2, "The interval includes a benefit and a harm that matter",
         lambda b: _crossed(b) == 2,
         lambda b: f"the interval includes a benefit and a harm that matter; what matters is {_mid(b)}",
         "More people in trials."),
    Rule("interval.one", "imprecision", -1, "The interval includes effects that matter and that do not",
         lambda b: _crossed(b) == 1,
         lambda b: f"the interval includes effects that matter and that do not; what matters is {_mid(b)}",
         "More people in trials."),
    Rule("interval.clear", "imprecision", 0, "The interval lies on one side of what matters",
         lambda b: b.thresholds is not None,
         lambda b: f"the interval lies on one side of what matters, {_mid(b)}",
         "It would be rated down if the interval came to include both."),
    Rule("interval.null", "imprecision", -1, "What matters is not on record; no difference is inside",
         _is_null_inside,
         f"{NO_MID}; the interval includes no difference, and effects either way",
         "More people in trials, and a recorded difference that matters, with its source."),
    Rule("interval.one_side", "imprecision", 0, "What matters is not on record; no difference is outside",
         _always,
         f"{NO_MID}; the interval excludes no difference",
         "A recorded difference that matters, which the interval might not reach."),
    Rule("size.counted", "imprecision", 0, "Rated down by two already",
         lambda b: _crossed(b) == 2,
         "imprecision is rated down by two levels already",
         "More people in trials."),
    Rule("size.small", "imprecision", -1, "Fewer people than the optimal information size, or than 400",
         lambda b: b.people < _size_wanted(b),
         lambda b: f"{b.people} people are known to have been studied, fewer than {_size_words(b)}",
         "More people in trials."),
    Rule("size.enough", "imprecision", 0, "As many people as the optimal information size, or 400",
         _always,
         lambda b: f"{b.people} people were studied, as many as {_size_words(b)} or more",
         "It would be rated down if studies had to be left out."),
    Rule("indirectness.several", "indirectness", -2, "Two or more of: dose, people, laboratory marker",
         lambda b: len(_indirect(b)) > 1,
         lambda b: "; ".join(_indirect(b)),
         "Trials of the low dose, in the people asked about, that measure how they feel."),
    Rule("indirectness.one", "indirectness", -1, "One of: dose, people, laboratory marker",
         lambda b: len(_indirect(b)) == 1,
         lambda b: _indirect(b)[0],
         "Trials of the low dose, in the people asked about, that measure how they feel."),
    Rule("indirectness.none", "indirectness", 0, "Dose, people and outcome are those asked about",
         _always,
         "dose, people and outcome are those asked about",
         "It would be rated down if studies of other doses or people came in."),
    Rule("missing.unreported", "missing evidence", -1, "A registered trial is overdue or never reported",
         lambda b: bool(b.unreported_trials),
         lambda b: f"results of {', '.join(b.unreported_trials)} are overdue or never came",
         "Publication of these results."),
    Rule("missing.asymmetry", "missing evidence", -1, "Ten studies or more, small ones differ (p below 0.1)",
         _is_asymmetric,
         lambda b: f"small studies found other results than large ones (p = {b.asymmetry_p:.2g})",
         "The unpublished studies, if there are any."),
    Rule("missing.unpooled", "missing evidence", -1, "As many people or more in trials left out of the pool",
         lambda b: bool(b.unpooled) and b.people_unpooled >= b.people,
         lambda b: f"{_unpooled(b)}they hold as many people as the pool, or more",
         "Numbers of these trials that can be pooled."),
    Rule("missing.few", "missing evidence", 0, "Fewer than ten studies: too few to test",
         lambda b: b.k < FEWEST_TO_TEST_ASYMMETRY,
         lambda b: f"{_unpooled(b)}no registered trial is overdue; {_few(b)} too few to test for others",
         "It would be rated down if a registered trial failed to report."),
    Rule("missing.untested", "missing evidence", 0, "Ten studies or more, not tested",
         lambda b: b.asymmetry_p is None,
         "no registered trial is overdue; whether small studies differ was not tested",
         "A test for small-study effects."),
    Rule("missing.none", "missing evidence", 0, "Ten studies or more, and small ones do not differ",
         _always,
         lambda b: f"no registered trial is overdue; small studies do not differ (p = {b.asymmetry_p:.2g})",
         "It would be rated down if a registered trial failed to report."),
)  # fmt: skip
