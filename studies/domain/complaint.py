"""What to tell an editor when a rule of the database is broken: the field, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Complaint:
    """A sentence for the form; `field` is None when the rule is about the entry as a whole."""

    field: str | None
    sentence: str


UNEXPECTED = Complaint(
    None,
    "The database refused this entry and nothing was saved. Somebody may have saved or removed a connected "
    "entry at the same moment: open this page again and repeat the change.",
)


def complaint_of(rule: str | None, complaints: Mapping[str, Complaint]) -> Complaint:
    """Return what to say about a broken rule (named as its constraint); an unknown one gets a general word.

    >>> complaint_of("result_events_not_above_n", COMPLAINTS).field
    'events'
    >>> complaint_of("no_such_rule", COMPLAINTS) == UNEXPECTED
    True
    """
    return complaints.get(rule or "", UNEXPECTED)


def _interval(prefix: str) -> dict[str, Complaint]:
    return {
        f"{prefix}_ci_low_not_above_value": Complaint(
            "ci_low", "The interval must start at or below the value: check both against the paper."
        ),
        f"{prefix}_ci_high_not_below_value": Complaint(
            "ci_high", "The interval must end at or above the value: check both against the paper."
        ),
        f"{prefix}_ci_in_order": Complaint(
            "ci_high", "The interval's lower end is above its upper end: exchange the two."
        ),
        f"{prefix}_ci_is_whole": Complaint(
            "ci_high", "Give both ends of the interval or neither: half an interval cannot be used."
        ),
    }


def _p_value(prefix: str) -> dict[str, Complaint]:
    return {
        f"{prefix}_p_between_0_and_1": Complaint(
            "p_value", "p lies between 0 and 1: write 0.03, not 3 or 3%."
        ),
        f"{prefix}_p_is_whole": Complaint(
            "p_relation",
            "Give p as a sign and a number (= 0.03, < 0.001), or as “between” with a lower and a higher "
            "number; leave all three empty where p was not reported.",
        ),
    }


def _known(rule: str, field: str) -> dict[str, Complaint]:
    return {rule: Complaint(field, "Choose one of the words in the list.")}


def _web_address(rule: str, field: str = "url") -> dict[str, Complaint]:
    return {
        rule: Complaint(
            field,
            "A web address starts with https:// or http:// and has no spaces; leave empty if there is none.",
        )
    }


_NUMBER_WITHOUT_SOURCE = (
    "A published number needs a source. Add where it was read under “Sources” on the study's page, "
    "or set the study back to draft."
)
_PARTIAL_DATE = "Write the date as 2013, 2013-06 or 2013-06-21."
_NEEDS_AN_INTERVENTION = (
    "A study with arms needs one whose role is Intervention: set it on the arm that was given naltrexone."
)

_TOOL_OF_DESIGN = (
    "Risk of bias is judged with RoB 2 in randomised trials (its carry-over domain in crossovers only), "
    "with ROBINS-I in other trials and observational studies, with AMSTAR 2 in systematic reviews and "
    "meta-analyses: choose the tool of the design, or remove the judgements."
)

COMPLAINTS: dict[str, Complaint] = {
    # the study
    "study_key_shape": Complaint(
        "key", "A key is the first author and the year in small letters, like younger2013 or younger2013b."
    ),
    "study_has_a_title": Complaint("title", "Enter the title of the paper."),
    "study_has_a_conclusion": Complaint("conclusion", "Say in our own words what they did and found."),
    "study_doi_shape_and_lower_case": Complaint(
        "doi",
        "A DOI looks like 10.1002/art.37734, in small letters: copy it from the paper or leave it empty.",
    ),
    "study_doi_unique": Complaint(
        "doi",
        "Another study has this DOI already: search for it in the list of studies and correct that entry.",
    ),
    "study_pmid_unique": Complaint(
        "pmid",
        "Another study has this PubMed number already: search for it in the list of studies and correct "
        "that entry.",
    ),
    "study_pmcid_unique": Complaint(
        "pmcid",
        "Another study has this PMC number already: search for it in the list of studies and correct "
        "that entry.",
    ),
    "study_pmid_positive": Complaint("pmid", "A PubMed number is above 0; leave it empty if there is none."),
    "study_pmcid_shape": Complaint(
        "pmcid", "A PMC number looks like PMC3962576; leave it empty if there is none."
    ),
    "study_year_in_range": Complaint("year", "The year lies between 1960 and 2100."),
    **_known("study_design_known", "design"),
    **_known("study_blinding_known", "blinding"),
    **_known("study_status_known", "status"),
    **_known("study_publication_status_known", "publication_status"),
    **_known("study_answered_status_known", "answered_status"),
    "study_checked_by_another_person": Complaint(
        "checked_by", "Whoever entered a study cannot check it: ask a second person to do so."
    ),
    "study_checked_by_and_on_together": Complaint(
        "checked_on", "Say both who checked the study and on which day, or neither."
    ),
    "published_study_has_sources": Complaint("status", _NUMBER_WITHOUT_SOURCE),
    "published_outcome_has_a_source": Complaint(None, _NUMBER_WITHOUT_SOURCE),
    "published_side_effect_report_has_a_source": Complaint(None, _NUMBER_WITHOUT_SOURCE),
    "published_number_keeps_its_source": Complaint(
        None,
        "This is the last source of a published number and cannot go. Add another source first, or set the "
        "study back to draft.",
    ),
    "study_names_a_condition_once": Complaint("condition", "This condition is named twice: remove one."),
    **_known("source_kind_known", "kind"),
    **_web_address("source_url_is_a_web_address"),
    "source_says_what_for": Complaint("used_for", "Say what was read there, such as “dose and arms”."),
    # arms and doses
    "arm_name_unique_in_study": Complaint(
        "name", "Two arms of one study have the same name: tell them apart."
    ),
    **_known("arm_role_known", "role"),
    "arm_has_a_name": Complaint("name", "Give the arm a name, such as “LDN 4.5 mg”."),
    "study_has_an_intervention_arm": Complaint(None, _NEEDS_AN_INTERVENTION),
    "study_has_an_intervention_arm_on_delete": Complaint(None, _NEEDS_AN_INTERVENTION),
    "dose_above_zero": Complaint(
        "amount_mg", "A dose is above 0 mg. Leave it empty if it was not stated; a placebo arm has no dose."
    ),
    "dose_start_above_zero": Complaint(
        "start_mg", "A starting dose is above 0 mg; leave it empty if not stated."
    ),
    "dose_max_above_zero": Complaint("max_mg", "A highest dose is above 0 mg; leave it empty if not stated."),
    "dose_per_kg_above_zero": Complaint(
        "mg_per_kg", "A dose per kg is above 0; leave it empty if not stated."
    ),
    "dose_duration_above_zero": Complaint(
        "duration_weeks", "The duration is above 0 weeks; leave it empty if it was not stated."
    ),
    "dose_range_in_order": Complaint(
        "range_text", "Write the range from low to high, above 0, like 1.5-4.5."
    ),
    **_known("dose_per_known", "per"),
    "step_above_zero": Complaint("amount_mg", "The dose of a step is above 0 mg."),
    "step_has_one_place": Complaint(
        "at_number", "Say when the step starts either as a number or in words: one of the two, not both."
    ),
    **_known("step_unit_known", "unit"),
    # outcomes
    "outcome_has_a_name": Complaint("name", "Say what was measured."),
    **_known("outcome_domain_known", "domain"),
    **_known("outcome_direction_known", "direction"),
    **_known("outcome_better_known", "better"),
    "result_once_per_side": Complaint("side", "There is already a result for this side: correct that one."),
    **_known("result_side_known", "side"),
    "result_events_not_above_n": Complaint(
        "events", "More people with the event than people in the group: check events and n against the paper."
    ),
    "result_sd_not_negative": Complaint("sd", "A standard deviation is 0 or more."),
    "result_baseline_sd_not_negative": Complaint("baseline_sd", "A standard deviation is 0 or more."),
    **_interval("result"),
    **_p_value("result"),
    **_known("effect_measure_known", "measure"),
    "effect_ratio_above_zero": Complaint(
        "value", "A ratio (RR, OR, HR) is above 0: check the number, or whether it is a difference."
    ),
    "effect_i2_is_percent": Complaint("i2_percent", "I² lies between 0 and 100."),
    **_known("effect_better_known", "better"),
    **_interval("effect"),
    **_p_value("effect"),
    # instruments
    "instrument_has_a_name": Complaint("name", "Give the scale its name."),
    "instrument_difference_above_zero": Complaint(
        "minimal_difference", "A difference that matters is above 0: leave it empty where none is on record."
    ),
    "instrument_difference_has_a_source": Complaint(
        "minimal_difference_source",
        "Say where the difference was read, or leave both empty: a number without a source is not shown.",
    ),
    # side effects
    "side_effect_has_a_name": Complaint("name", "Give the side effect a name in plain words."),
    "side_effect_report_has_a_name": Complaint(
        "reported_name", "Enter the name under which the paper reports it."
    ),
    **_p_value("side_effect_report"),
    "count_once_per_side": Complaint("side", "There is already a count for this side: correct that one."),
    **_known("count_side_known", "side"),
    "count_events_not_above_n": Complaint(
        "events", "More people with the side effect than people in the group: check both against the paper."
    ),
    "count_percent_0_to_100": Complaint("percent", "A percentage lies between 0 and 100."),
    "count_percent_matches_events": Complaint(
        "percent",
        "The percentage is more than 1 away from events ÷ n: check all three against the paper, and leave "
        "empty what the paper does not give.",
    ),
    "provenance_is_of_one_thing": Complaint(
        "field", "Say where one thing was read: one outcome, one side effect or one field."
    ),
    # risk of bias
    "risk_of_bias_once_per_domain": Complaint(
        "domain", "This domain is judged already: correct that judgement, or remove it."
    ),
    "risk_of_bias_domain_of_tool": Complaint(
        "domain", "This domain belongs to another tool: choose one of the tool's own."
    ),
    "risk_of_bias_judgement_of_tool": Complaint(
        "judgement",
        "This is another tool's word. RoB 2: low, some concerns, high. ROBINS-I: low, moderate, serious, "
        "critical, no information. AMSTAR 2: yes, partly yes, no, not applicable.",
    ),
    "risk_of_bias_has_a_reason": Complaint("reason", "Say what the judgement rests on."),
    "risk_of_bias_has_an_assessor": Complaint("assessed_by", "Say who judged it."),
    "risk_of_bias_is_dated": Complaint("assessed_on", _PARTIAL_DATE),
    "risk_of_bias_second_assessor_is_another": Complaint(
        "second_assessor", "The one who judged it cannot also be the second person: ask somebody else."
    ),
    "risk_of_bias_tool_fits_the_design": Complaint(None, _TOOL_OF_DESIGN),
    "study_design_fits_its_risk_of_bias": Complaint("design", _TOOL_OF_DESIGN),
    # registries
    "registry_check_once_per_study": Complaint(
        "registry", "This registry's answer on this study is already here."
    ),
    **_known("registry_check_registry_known", "registry"),
    **_known("registry_check_answer_known", "answer"),
    "registry_check_found_was_answered": Complaint(
        "answered_at", "An answer needs the time at which it came."
    ),
    "registry_check_counts_failures": Complaint(
        "failures", "A failed question counts at least one failure, an answered one none."
    ),
    "registry_check_fails_since_a_failure": Complaint(
        "failing_since", "Only a question that failed can be failing since a time: empty it."
    ),
    **_known("registry_edition_registry_known", "registry"),
    "registry_edition_has_a_version": Complaint("version", "Say which edition of the file was read."),
    "notice_dismissal_is_whole": Complaint(
        "dismissed_because", "Say who set the notice aside, when, and why, or leave all three empty."
    ),
    "notice_once": Complaint("kind", "This notice is already recorded."),
    **_known("notice_kind_known", "kind"),
    "proposal_open_once": Complaint(
        "field", "There is already an open proposal of this registry for this field."
    ),
    **_known("proposal_state_known", "state"),
    "trial_primary_completion_is_a_date": Complaint(
        "primary_completion", "Write a date as 2024, 2024-06 or 2024-06-30."
    ),
    "trial_posted_on_a_day_is_posted": Complaint(
        "has_posted_results", "Results with a day of posting are posted: tick it, or remove the day."
    ),
    **_known("trial_registry_answer_known", "registry_answer"),
    "trial_found_was_answered": Complaint("registry_answered_at", "An answer needs the time it came."),
    **_known("search_registry_known", "registry"),
    "search_asks_something": Complaint("query", "Write a query, as in the registry's own search box."),
    "search_has_a_name": Complaint("name", "Give the search a name."),
    **_known("find_state_known", "state"),
    **_known("find_registry_known", "registry"),
    "find_once": Complaint("identifier", "This was found already."),
    "find_decision_has_who_and_when": Complaint("decided_at", "A decision needs who made it, and when."),
    "find_dismissal_has_a_reason": Complaint("decided_because", "Say why it is dismissed."),
    "find_matches_a_search_once": Complaint("search", "This search is noted already."),
    **_known("import_state_known", "state"),
    "import_has_a_name": Complaint("name", "An import needs the name of its file."),
    "import_refusal_has_a_reason": Complaint("error", "A file that is refused has a reason; no other has."),
    "import_saving_is_dated": Complaint("saved_at", "What was saved as drafts needs the time it was."),
    **_known("import_row_state_known", "state"),
    "import_row_once": Complaint("number", "This entry of the file is here already."),
    "import_row_says_something_or_why_not": Complaint(
        "citation", "An entry either says something or has the reason why it cannot be read."
    ),
    "proposal_undoing_is_dated": Complaint(
        "undone_at", "What was undone needs the time, and only that has it."
    ),
    "proposal_decision_is_dated": Complaint("decided_at", "A decision needs the time at which it was made."),
    "registry_lease_once_per_study": Complaint("study", "A worker is asking this registry about it already."),
    **_known("registry_lease_registry_known", "registry"),
    # editors' tasks
    "editor_task_open_once": Complaint("kind", "This question is open already."),
    **_known("editor_task_kind_known", "kind"),
    **_known("editor_task_registry_known", "registry"),
    "editor_task_is_about_a_study_or_a_file": Complaint(
        "study", "A refused file concerns no study; every other question names one."
    ),
    "editor_task_closing_is_whole": Complaint(
        "closed_because",
        "A task is closed by somebody, at a time, with a reason; an open one has none of them.",
    ),
    "refresh_run_ends_after_its_start": Complaint("finished_at", "A run cannot end before it started."),
    # trials
    "trial_has_an_id": Complaint("registry_id", "Enter the registration number, such as NCT00568555."),
    "trial_has_a_title": Complaint("title", "Enter the title of the trial."),
    "trial_start_is_a_date": Complaint("start", _PARTIAL_DATE),
    "trial_completion_is_a_date": Complaint("completion", _PARTIAL_DATE),
    "trial_status_is_dated": Complaint("status_as_of", _PARTIAL_DATE),
    **_web_address("trial_url_is_a_web_address", "source_url"),
    **_known("trial_source_kind_known", "source_kind"),
    "trial_names_a_condition_once": Complaint("condition", "This condition is named twice: remove one."),
}
