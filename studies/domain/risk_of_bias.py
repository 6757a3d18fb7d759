"""Risk of bias: the published tools, what each asks, which designs it fits, and how its answers add up.

RoB 2 (Sterne et al., BMJ 2019;366:l4898, with the variant for crossover trials), ROBINS-I (Sterne et al., BMJ
2016;355:i4919) and AMSTAR 2 (Shea et al., BMJ 2017;358:j4008). Judgements are in each tool's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from studies.domain.vocabulary import DESIGN_GROUPS, Design, DesignGroup


class Tool(StrEnum):
    ROB2 = "rob2"
    ROBINS_I = "robins_i"
    AMSTAR2 = "amstar2"


class Judgement(StrEnum):
    """All words of all tools; each tool allows its own."""

    LOW = "low"
    SOME_CONCERNS = "some_concerns"
    HIGH = "high"
    MODERATE = "moderate"
    SERIOUS = "serious"
    CRITICAL = "critical"
    NO_INFORMATION = "no_information"
    YES = "yes"
    PARTIAL_YES = "partial_yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class ToolRules:
    """One tool: its name, its domains with their labels, its words, and the designs it is made for."""

    label: str
    domains: Mapping[str, str]
    judgements: tuple[Judgement, ...]
    designs: tuple[Design, ...]


CARRYOVER = "carryover"
# Who judged what the corpus came with; such a judgement waits for a second person.
FIRST_READER = "first reader"
# The items of AMSTAR 2 in which a "no" is a critical weakness (Shea 2017, box 1).
CRITICAL_ITEMS = frozenset(
    {
        *("protocol", "search", "excluded_studies", "risk_of_bias"),
        *("pooling_methods", "bias_discussed", "publication_bias"),
    }
)

TOOLS: dict[Tool, ToolRules] = {
    Tool.ROB2: ToolRules(
        "RoB 2",
        {
            "randomisation": "Randomisation process",
            CARRYOVER: "Period and carry-over effects",
            "deviations": "Deviations from the intended interventions",
            "missing_data": "Missing outcome data",
            "measurement": "Measurement of the outcome",
            "selective_reporting": "Selection of the reported result",
        },
        (Judgement.LOW, Judgement.SOME_CONCERNS, Judgement.HIGH),
        DESIGN_GROUPS[DesignGroup.RANDOMISED],
    ),
    Tool.ROBINS_I: ToolRules(
        "ROBINS-I",
        {
            "confounding": "Confounding",
            "selection": "Selection of participants",
            "classification": "Classification of interventions",
            "deviations": "Deviations from the intended interventions",
            "missing_data": "Missing data",
            "measurement": "Measurement of the outcome",
            "selective_reporting": "Selection of the reported result",
        },
        (
            Judgement.LOW,
            Judgement.MODERATE,
            Judgement.SERIOUS,
            Judgement.CRITICAL,
            Judgement.NO_INFORMATION,
        ),
        DESIGN_GROUPS[DesignGroup.OTHER_TRIAL] + DESIGN_GROUPS[DesignGroup.OBSERVATIONAL],
    ),
    Tool.AMSTAR2: ToolRules(
        "AMSTAR 2",
        {
            "question": "1. Question with its PICO parts",
            "protocol": "2. Protocol set before the review",
            "designs": "3. Choice of study designs explained",
            "search": "4. Comprehensive search",
            "selection": "5. Studies selected by two people",
            "extraction": "6. Data extracted by two people",
            "excluded_studies": "7. Excluded studies listed with reasons",
            "included_studies": "8. Included studies described",
            "risk_of_bias": "9. Risk of bias assessed",
            "study_funding": "10. Funding of the studies reported",
            "pooling_methods": "11. Sound methods of pooling",
            "bias_in_pooling": "12. Risk of bias weighed in the pooling",
            "bias_discussed": "13. Risk of bias weighed in the discussion",
            "heterogeneity": "14. Heterogeneity explained",
            "publication_bias": "15. Publication bias looked for",
            "conflicts": "16. Conflicts of interest reported",
        },
        (Judgement.YES, Judgement.PARTIAL_YES, Judgement.NO, Judgement.NOT_APPLICABLE),
        DESIGN_GROUPS[DesignGroup.REVIEW],
    ),
}

TOOL_LABELS: dict[str, str] = {tool.value: rules.label for tool, rules in TOOLS.items()}
JUDGEMENT_LABELS: dict[str, str] = {
    "low": "Low risk",
    "some_concerns": "Some concerns",
    "high": "High risk",
    "moderate": "Moderate risk",
    "serious": "Serious risk",
    "critical": "Critical risk",
    "no_information": "No information",
    "yes": "Yes",
    "partial_yes": "Partly yes",
    "no": "No",
    "not_applicable": "Not applicable",
}
CONFIDENCE_LABELS: dict[str, str] = {
    "high": "High confidence in the review",
    "moderate": "Moderate confidence in the review",
    "low": "Low confidence in the review",
    "critically_low": "Critically low confidence in the review",
}


def tool_for(design: str) -> Tool | None:
    """Return the tool made for a design; None where none of the three is (case reports, laboratory work).

    >>> tool_for("rct_crossover").value, tool_for("cohort").value, tool_for("case_report")
    ('rob2', 'robins_i', None)
    """
    return next((tool for tool, rules in TOOLS.items() if design in rules.designs), None)


def domains_for(design: str) -> tuple[str, ...]:
    """Return the domains to judge in a study of this design, in the tool's order; empty without a tool.

    >>> "carryover" in domains_for("rct_crossover"), "carryover" in domains_for("rct_parallel")
    (True, False)
    """
    tool = tool_for(design)
    if tool is None:
        return ()
    is_crossover = design == Design.RCT_CROSSOVER
    return tuple(name for name in TOOLS[tool].domains if name != CARRYOVER or is_crossover)


def complain(design: str, tool: str, domain: str, judgement: str) -> str | None:
    """Return what is wrong with one judgement about a study of this design, with the mend; None if nothing.

    >>> complain("cohort", "rob2", "randomisation", "low")
    'tool: rob2 is not made for the design cohort; use robins_i'
    """
    fitting = tool_for(design)
    if fitting is None:
        return f"tool: none of the tools is made for the design {design}; leave risk_of_bias out"
    if tool != fitting:
        return f"tool: {tool} is not made for the design {design}; use {fitting}"
    if domain not in domains_for(design):
        return f"domain: {tool} for {design} has {', '.join(domains_for(design))}, not {domain}"
    if judgement not in TOOLS[fitting].judgements:
        return f"judgement: {tool} uses {', '.join(TOOLS[fitting].judgements)}, not {judgement}"
    return None


def overall(design: str, judgements: Mapping[str, str]) -> str | None:
    """Return the overall judgement in the tool's words; None while the domains judged do not settle it.

    Args:
        design: the study's design, which decides on the tool.
        judgements: judgement by domain.

    RoB 2: high if a domain is; low if all are; else some concerns (its option to call several concerns high
    is left to an editor, who then judges a domain high). ROBINS-I: the worst domain. AMSTAR 2: by critical
    and other weaknesses; these words are the confidence in the review.

    >>> overall("rct_parallel", dict.fromkeys(domains_for("rct_parallel"), "low"))
    'low'
    >>> overall("rct_parallel", {"missing_data": "high"}), overall("rct_parallel", {"missing_data": "low"})
    ('high', None)
    """
    tool = tool_for(design)
    if tool is None or not judgements:
        return None
    is_whole = set(domains_for(design)) <= set(judgements)
    if tool == Tool.AMSTAR2:
        return _confidence(judgements, is_whole)
    return _worst(list(judgements.values()), _WORST_FIRST[tool], is_whole)


_WORST_FIRST = {
    Tool.ROB2: (Judgement.HIGH, Judgement.SOME_CONCERNS, Judgement.LOW),
    Tool.ROBINS_I: (
        Judgement.CRITICAL,
        Judgement.SERIOUS,
        Judgement.NO_INFORMATION,
        Judgement.MODERATE,
        Judgement.LOW,
    ),
}


def _worst(found: list[str], worst_first: tuple[Judgement, ...], is_whole: bool) -> str | None:
    """The worst word; a domain that is not judged could only make it worse."""
    word = next(judgement for judgement in worst_first if judgement in found)
    return word.value if is_whole or word == worst_first[0] else None


def _confidence(judgements: Mapping[str, str], is_whole: bool) -> str | None:
    """Shea 2017, box 2: more than one critical weakness, one, more than one other weakness, at most one."""
    weak = {domain for domain, judgement in judgements.items() if judgement == Judgement.NO}
    if len(weak & CRITICAL_ITEMS) > 1:
        return "critically_low"
    if not is_whole:
        return None
    if weak & CRITICAL_ITEMS:
        return "low"
    return "moderate" if len(weak) > 1 else "high"


def overall_label(design: str, word: str) -> str:
    """Return an overall judgement as readers meet it.

    >>> overall_label("rct_parallel", "high"), overall_label("meta_analysis", "high")
    ('High risk', 'High confidence in the review')
    """
    labels = CONFIDENCE_LABELS if tool_for(design) == Tool.AMSTAR2 else JUDGEMENT_LABELS
    return labels[word]
