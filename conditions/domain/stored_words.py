"""Sentences that were computed and stored, said anew in another language.

Reasons of a certainty, steps of a verdict and the words beside a pool are stored in English, as they were
computed. Those that hold values are recognised here by their wording: a text of TEXTS with something in each
place. What is recognised nowhere stays as it is; tests/test_german_pages.py finds it in the corpus.
"""

from __future__ import annotations

import re
from functools import cache

from conditions.domain.cascade import NOTHING
from conditions.domain.finding import NO_RESULTS, OTHER_SUBJECT, RETRACTED
from studies.domain.speech import Speech
from studies.domain.vocabulary import LABELS, OutcomeDomain

# What stands in these places is made of sentences itself; in the others of numbers and names of studies.
NESTED = frozenset({"missing", "reason", "comparator", "other", "verdict", "arm", "measure"})

TEXTS = (
    # certainty: conditions/domain/certainty_rules.py
    "All %(n)s studies are randomised trials.",
    "It is a randomised trial.",
    "%(n)s of %(k)s studies were not randomised.",
    "%(percent)s%% of the weight comes from studies at high risk of bias.",
    "%(percent)s%% of the weight comes from studies with concerns (%(n)s of %(k)s not assessed, or not "
    "in full, which counts as a concern).",
    "%(percent)s%% of the weight comes from studies with concerns.",
    "The studies differ more than chance explains (I² %(i2)s%%), and a new study could find no "
    "difference or the opposite (prediction interval).",
    "The studies differ more than chance explains (I² %(i2)s%%).",
    "The studies agree within chance (I² %(i2)s%%).",
    "%(n)s people are known to have been studied, fewer than %(wanted)s people (the rule of thumb, "
    "because the size needed cannot be computed from the records).",
    "%(n)s people are known to have been studied, fewer than %(wanted)s people (the optimal information"
    " size).",
    "%(n)s people were studied, as many as %(wanted)s people (the rule of thumb, because the size "
    "needed cannot be computed from the records) or more.",
    "%(n)s people were studied, as many as %(wanted)s people (the optimal information size) or more.",
    "A laboratory marker was measured, not how people feel.",
    "Results of %(trials_due)s are overdue or never came.",
    "For want of numbers %(studies)s could not be pooled; they hold as many people as the pool, or more.",
    "For want of numbers %(studies)s could not be pooled; no registered trial is overdue; one study is "
    "too few to test for others.",
    "For want of numbers %(studies)s could not be pooled; no registered trial is overdue; %(n)s studies"
    " are too few to test for others.",
    "No registered trial is overdue; one study is too few to test for others.",
    "No registered trial is overdue; %(n)s studies are too few to test for others.",
    "No registered trial is overdue; small studies do not differ (p = %(p)s).",
    "Small studies found other results than large ones (p = %(p)s).",
    # verdicts: conditions/domain/verdict.py
    "The records cannot answer it.",
    "%(n_for)s for the claim, %(n_against)s against it, %(n_same)s without a difference, %(n_unusable)s"
    " not usable.",
    "Pooled: %(reason)s. Certainty: %(verdict)s.",
    "Pooled: %(reason)s.",
    "Published studies of these conditions that were looked through: %(n)s.",
    "Randomised trials outweigh other comparisons; not counted beside them: %(studies)s.",
    "The risk of bias of some or all of the trials counted has not been assessed.",
    "%(reason)s Randomised trials, %(trials)s.",
    "%(reason)s Comparisons without randomisation, %(trials)s.",
    "Randomised trials, %(trials)s.",
    "Comparisons without randomisation, %(trials)s.",
    # what a claim asks, after the conditions' names: conditions/domain/question.py
    "do people fare better on LDN than with %(other)s? Looked at: %(subjects)s.",
    "do people fare alike on LDN and with %(other)s? Looked at: %(subjects)s.",
    "do people fare worse on LDN than with %(other)s? Looked at: %(subjects)s.",
    "is it less frequent on LDN than with %(other)s? Looked at: %(subjects)s.",
    "is it no more frequent on LDN than with %(other)s? Looked at: %(subjects)s.",
    "is it more frequent on LDN than with %(other)s? Looked at: %(subjects)s.",
    "do the low doses that were given lie within %(low)s to %(high)s mg a day?",
    # findings: conditions/domain/finding.py, match.py and studies/domain/dosing.py
    OTHER_SUBJECT,
    RETRACTED,
    *NO_RESULTS.values(),
    "no count of a side effect on record",
    "no result on record",
    "the dose is given per kg of body weight, so it is not known to be low",
    "%(amount)s mg is not a low dose (%(low)s to %(high)s mg)",
    "no comparison group: a change cannot be told from time or chance",
    "the record does not say which group it was compared with",
    "compared with %(comparator)s, not with %(other)s",
    "no count for both groups",
    "the record does not say which way it points",
    "no difference shown, as the claim says",
    "points as the claim says",
    "no difference shown",
    "points another way than the claim says",
    "another report of the trial that %(study)s reports, counted once",
    "a secondary outcome: the main outcome of this trial is counted",
    "a secondary outcome only: the main outcome of this trial is another one",
    "no single daily dose in mg is on record",
    "not a low dose (%(low)s to %(high)s mg)",
    "within the claimed range",
    "a low dose outside the claimed range",
    "has the claimed figure",
    "has %(n)s people",
    "number of people not reported, not %(claimed)s",
    "%(n)s people analysed, not %(claimed)s",
    "its record holds no such result",
    # pools: conditions/domain/eligibility.py and pool_summary.py
    "retracted or withdrawn: it counts for nothing",
    "case reports: no group to compare with",
    "healthy volunteers, not people with the condition",
    "no outcome of this kind on record",
    "compared with %(comparator)s",
    "not randomised",
    "no effect can be computed; missing: %(missing)s",
    "the record does not say which way of it is better for people",
    "left out by you",
    "measured on another scale, whose points cannot be averaged with these",
    "counts the opposite event, whose ratio cannot be averaged with these",
    "No study: there is nothing to pool.",
    "One study: its own result, nothing pooled.",
    "Too few studies to tell whether small ones are missing (fewer than ten).",
    # effects: studies/domain/outcome_effect.py and effects.py
    "a standard deviation, or an interval of the difference (%(reason)s)",
    "a usable interval or p value of the reported effect (%(reason)s)",
    "the reported %(measure)s with its interval or p value",
    "a person with, or without, the event: the counts show no spread",
    "an effect of nothing shows no spread, whatever its p value",
    "the values and p are printed with too few digits to tell the spread from them",
    "a percentage change",
    "a percentage change: these are percentages of people",
    "how many people had the event under both treatments (a cross-over trial)",
    "standard deviation of the difference within people (a cross-over trial)",
    "standard deviation of the %(arm)s arm, or the difference's interval or exact p",
    "number of people in both arms",
    "number of people in the %(arm)s arm",
    "number of people with the event in the %(arm)s arm",
    "percentage without a denominator (%(arm)s arm)",
    "value of the %(arm)s arm",
    "values of both arms in one unit",
    "values on the scale itself",
    "intervention",
    "comparison",
    "%(n)s of %(k)s read from %(percent)s%%",
    "events and numbers of both arms",
    "means, SDs and numbers of both arms; Hedges' g (exact)",
    "means, SDs and numbers of both arms",
    "means and SDs of both periods",
    "correlation of a person's two periods %(at)s, which is assumed",
    "%(reason)s; %(added)s added to each cell",
    "%(reason)s, in standard deviations; Hedges' g (exact)",
    "reported effect with its %(percent)s%% confidence interval",
    "reported effect with its p value of %(p)s (normal distribution)",
    "reported effect with its p value of %(p)s (t with %(df)s degrees of freedom)",
    "difference of the arms' values with its %(percent)s%% confidence interval",
    "difference of the arms' values with its p value of %(p)s (normal distribution)",
    "difference of the arms' values with its p value of %(p)s (t with %(df)s degrees of freedom)",
    # what changed: conditions/domain/cascade.py
    NOTHING,
    "no verdict",
    "as rendered",
    "%(verdict)s, computed from other inputs",
    "%(measure)s %(estimate)s (95%% CI %(low)s to %(high)s; one study)",
    "%(measure)s %(estimate)s (95%% CI %(low)s to %(high)s; %(n)s studies)",
)
_SUBJECTS = re.compile(r", | or ")
_OUTCOMES = frozenset(LABELS[domain].lower() for domain in OutcomeDomain)
# Where trials stand, joined by semicolons within a sentence; with_keys adds the studies in brackets.
STANCES = (
    "for the claim: %(n)s with %(people)s people",
    "against it: %(n)s with %(people)s people",
    "no difference: %(n)s with %(people)s people",
    "mixed, or seen in secondary outcomes only: %(n)s with %(people)s people",
)


def say_again(text: str, speech: Speech) -> str:
    """Return a stored sentence in another language; as it is where it is none of the known ones.

    >>> from studies.domain.speech import ENGLISH
    >>> say_again("It is a randomised trial.", ENGLISH)
    'It is a randomised trial.'
    """
    said = speech.say(text)
    if said != text:
        return said
    lower = f"{text[:1].lower()}{text[1:]}"
    for pattern, known in _patterns():
        match = pattern.fullmatch(text)
        if match and _are_known(match.groupdict()):
            return _say(known, match.groupdict(), speech)
        match = pattern.fullmatch(lower)
        if match:  # a reason as a heading
            return _capitalised(_say(known, match.groupdict(), speech))
    return text


def _say(known: str, values: dict[str, str], speech: Speech) -> str:
    places = {name: _say_value(name, value, speech) for name, value in values.items()}
    return speech.say(known, **places) if places else speech.say(known.replace("%%", "%"))


def _say_value(name: str, value: str, speech: Speech) -> str:
    if name == "trials":
        return "; ".join(
            _say_stance(part, speech) for part in re.split(r"; (?=for |against |no |mixed)", value)
        )
    if name == "subjects":
        parts = (speech.within(part.capitalize()) for part in _SUBJECTS.split(value))
        return ", ".join(parts)
    if name == "verdict":
        said = say_again(value, speech)
        return said if said != value else speech.within(value.capitalize())
    return say_again(value, speech) if name in NESTED else speech.number(value)


def _are_known(values: dict[str, str]) -> bool:
    """Whether what was looked at is kinds of outcome alone: the name of a side effect is a record's."""
    subjects = values.get("subjects")
    return subjects is None or all(part in _OUTCOMES for part in _SUBJECTS.split(subjects))


def _say_stance(part: str, speech: Speech) -> str:
    stance, bracket, keys = part.partition(" (")
    return f"{say_again(stance, speech)}{bracket}{keys}"


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(text), text) for text in (*TEXTS, *STANCES))


def _pattern(text: str) -> re.Pattern[str]:
    pieces = re.split(r"%\((\w+)\)s", text.replace("%%", "%"))
    return re.compile(
        "".join(re.escape(piece) if i % 2 == 0 else f"(?P<{piece}>.+?)" for i, piece in enumerate(pieces))
    )


def _capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
