"""Each tool judges the designs it is made for, in its own words, and adds them up as it was published."""

from __future__ import annotations

import pytest

from studies.domain.risk_of_bias import TOOLS, Tool, complain, domains_for, overall, overall_label, tool_for
from studies.domain.vocabulary import Design


def judged(design: str, word: str, **others: str) -> dict[str, str]:
    """Every domain judged with one word, but for those named."""
    return {**dict.fromkeys(domains_for(design), word), **others}


def test_no_design_has_two_tools():
    for design in Design:
        assert sum(design in rules.designs for rules in TOOLS.values()) <= 1


@pytest.mark.parametrize(
    ("design", "tool"),
    [
        ("rct_parallel", Tool.ROB2),
        ("before_after", Tool.ROBINS_I),
        ("survey", Tool.ROBINS_I),
        ("systematic_review", Tool.AMSTAR2),
        ("case_series", None),
        ("in_vitro", None),
        ("trial_protocol", None),
    ],
)
def test_a_design_has_the_tool_that_was_made_for_it(design, tool):
    assert tool_for(design) == tool


def test_the_tools_have_the_published_number_of_domains():
    assert [len(domains_for(d)) for d in ("rct_parallel", "rct_crossover", "cohort", "meta_analysis")] == [
        *(5, 6, 7, 16)
    ]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (("rct_parallel", "robins_i", "confounding", "low"), "use rob2"),
        (("rct_parallel", "rob2", "carryover", "low"), "not carryover"),
        (("rct_parallel", "rob2", "randomisation", "critical"), "some_concerns"),
        (("case_report", "rob2", "randomisation", "low"), "leave risk_of_bias out"),
    ],
)
def test_a_judgement_that_its_tool_does_not_know_is_refused_with_the_mend(entry, words):
    assert words in complain(*entry)


def test_a_judgement_that_fits_is_not_complained_of():
    assert complain("rct_crossover", "rob2", "carryover", "high") is None


@pytest.mark.parametrize(
    ("design", "judgements", "word"),
    [
        ("rct_parallel", judged("rct_parallel", "low"), "low"),
        ("rct_parallel", judged("rct_parallel", "low", measurement="some_concerns"), "some_concerns"),
        ("rct_parallel", judged("rct_parallel", "some_concerns"), "some_concerns"),
        ("rct_parallel", judged("rct_parallel", "low", measurement="high"), "high"),
        ("rct_crossover", judged("rct_parallel", "low"), None),
        ("rct_parallel", {"randomisation": "high"}, "high"),
        ("rct_parallel", {"randomisation": "some_concerns"}, None),
        ("rct_parallel", {}, None),
        ("cohort", judged("cohort", "low", confounding="serious", selection="moderate"), "serious"),
        ("cohort", judged("cohort", "low", confounding="no_information"), "no_information"),
        ("cohort", judged("cohort", "moderate"), "moderate"),
        ("cohort", {"confounding": "critical"}, "critical"),
        ("meta_analysis", judged("meta_analysis", "yes"), "high"),
        ("meta_analysis", judged("meta_analysis", "partial_yes", designs="no"), "high"),
        ("meta_analysis", judged("meta_analysis", "yes", designs="no", conflicts="no"), "moderate"),
        ("meta_analysis", judged("meta_analysis", "yes", protocol="no"), "low"),
        ("meta_analysis", judged("meta_analysis", "yes", protocol="no", search="no"), "critically_low"),
        ("meta_analysis", {"protocol": "no"}, None),
        ("case_report", {"randomisation": "low"}, None),
    ],
)
def test_the_domains_add_up_as_the_tool_says(design, judgements, word):
    assert overall(design, judgements) == word


def test_high_means_risk_of_a_trial_and_confidence_in_a_review():
    assert overall_label("rct_parallel", "high") == "High risk"
    assert overall_label("systematic_review", "high") == "High confidence in the review"
