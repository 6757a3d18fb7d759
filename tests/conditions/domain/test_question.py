"""The question of a claim: what a file may say, and how a reader meets it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from conditions.domain.question import Comparator, Question, QuestionKind, describe_question
from conditions.domain.record import QuestionRecord
from studies.domain.vocabulary import Direction

EFFICACY = {
    "kind": "efficacy",
    "domains": ["pain"],
    "comparator": "placebo",
    "claimed_direction": "favours_ldn",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "riddle"}, "kind"),
        ({"domains": []}, "needs domains"),
        ({"domains": ["luck"]}, "domains"),
        ({"domains": ["pain", "pain"]}, "domains"),
        ({"comparator": None}, "needs comparator"),
        ({"comparator": "prayer"}, "comparator"),
        ({"claimed_direction": "unclear"}, "claimed_direction is one of"),
        ({"why_not": "Because."}, "no use for why_not"),
        ({"year": 2021}, "no use for year"),
        ({"kind": "dose_range"}, "needs low_mg, high_mg"),
        ({"kind": "frequency"}, "needs side_effects"),
    ],
)
def test_a_question_that_lacks_or_adds_something_is_refused_with_the_field(change, words):
    with pytest.raises(ValidationError, match=words):
        QuestionRecord.model_validate({**EFFICACY, **change})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "not_computable"}, "needs why_not"),
        ({"kind": "existence"}, "needs one of year, n_people"),
        ({"kind": "existence", "percent": 101}, "percent"),
        ({"kind": "dose_range", "low_mg": 5, "high_mg": 4}, "low_mg is not above"),
        (
            {**EFFICACY, "kind": "frequency", "domains": [], "side_effects": ["nausea", "anxiety"]},
            "alphabet",
        ),
    ],
)
def test_each_kind_needs_its_own_fields(fields, words):
    with pytest.raises(ValidationError, match=words):
        QuestionRecord.model_validate(fields)


def test_a_question_leaves_out_of_its_file_what_it_does_not_use():
    assert QuestionRecord.model_validate(EFFICACY).to_file() == EFFICACY


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (
            Question(
                QuestionKind.EFFICACY,
                domains=("pain", "sleep"),
                comparator=Comparator.PLACEBO,
                claimed_direction=Direction.FAVOURS_LDN,
            ),
            "Gout: do people fare better on LDN than with placebo? Looked at: pain or sleep.",
        ),
        (
            Question(
                QuestionKind.FREQUENCY,
                side_effects=("nausea",),
                comparator=Comparator.ACTIVE,
                claimed_direction=Direction.NO_DIFFERENCE,
            ),
            "Gout: is it no more frequent on LDN than with another treatment? Looked at: nausea.",
        ),
        (
            Question(QuestionKind.DOSE_RANGE, low_mg=Decimal("0.5"), high_mg=Decimal("4.5")),
            "Gout: do the low doses that were given lie within 0.5 to 4.5 mg a day?",
        ),
        (
            Question(QuestionKind.EXISTENCE, domains=("pain",), year=2021, n_people=59, percent=Decimal(49)),
            "Gout: is there a study from 2021, with 59 people and that reports 49% (pain)?",
        ),
    ],
)
def test_a_question_reads_as_a_sentence(question, sentence):
    names = ["nausea"] if question.side_effects else []
    assert describe_question(question, ["Gout"], names) == sentence
