"""What to tell an editor when a rule about conditions, claims or safety facts is broken."""

from __future__ import annotations

from studies.domain.complaint import Complaint

_CHOOSE = "Choose one of the words in the list."

# What rules compute is written by no form; a broken rule there is a fault of the program.
COMPUTED = Complaint(
    None, "A computed answer breaks a rule: nothing was saved. Report it with what you entered."
)
COMPUTED_RULES = (
    *("pool_once_per_question", "pool_slug_unique", "pool_one_main_measure", "pool_domain_known"),
    *("pool_comparator_known", "pool_measure_known", "pool_better_known", "pool_ci_in_order"),
    *("pool_prediction_in_order", "pool_i2_is_percent", "pool_tau2_not_negative"),
    *("pool_of_nothing_has_no_estimate", "pool_names_a_study_once", "pool_reason_known"),
    *("pool_study_out_has_a_reason", "pool_study_in_has_its_numbers", "pool_study_ci_in_order"),
    *("pool_weight_is_percent", "change_cause_known", "change_has_a_summary", "change_reverses_another"),
    *("change_reversed_by_somebody", "status_change_once_per_study", "status_change_is_one"),
)

# No form writes a release, and nothing changes one.
RELEASED = Complaint(None, "A release never changes: make a new one.")

COMPLAINTS: dict[str, Complaint] = {
    **dict.fromkeys(
        (
            *("release_name_is_a_day", "release_never_changes", "release_file_once"),
            "release_file_never_changes",
        ),
        RELEASED,
    ),
    "condition_name_unique": Complaint(
        "name", "Another condition has this name already: correct that entry, or add a synonym to it."
    ),
    "condition_has_a_name": Complaint("name", "Give the condition a name."),
    "condition_has_a_definition": Complaint("definition", "Say in a sentence what the condition is."),
    "condition_category_known": Complaint("category", _CHOOSE),
    "condition_mesh_name_has_an_id": Complaint(
        "mesh_id", "A MeSH name comes with its number, such as D005356: add it or leave both empty."
    ),
    "synonym_once_per_condition": Complaint("name", "This synonym is named twice: remove one."),
    "synonym_has_a_name": Complaint("name", "Enter the synonym or remove the line."),
    "claim_has_a_statement": Complaint("statement", "Enter the claim as people meet it."),
    "claim_verdict_known": Complaint("verdict", _CHOOSE),
    "claim_topic_known": Complaint("topic", _CHOOSE),
    "claim_names_a_condition_once": Complaint("condition", "This condition is named twice: remove one."),
    "claim_names_a_study_once": Complaint("study", "This study is named twice: keep one stance of it."),
    "claim_stance_known": Complaint("stance", _CHOOSE),
    "certainty_once_per_question": Complaint("domain", "The certainty of this question is stored already."),
    "certainty_domain_known": Complaint("domain", _CHOOSE),
    "certainty_comparator_known": Complaint("comparator", _CHOOSE),
    "certainty_level_known": Complaint("level", _CHOOSE),
    "certainty_size_known": Complaint("size", _CHOOSE),
    "certainty_finding_is_whole": Complaint("direction", "A size comes with a direction."),
    "certainty_override_level_known": Complaint("override_level", _CHOOSE),
    "certainty_override_is_whole": Complaint(
        "override_reason",
        "Give another word and the reason for it, or leave both empty so that the computed word stands.",
    ),
    **dict.fromkeys(COMPUTED_RULES, COMPUTED),
    "question_kind_known": Complaint("kind", _CHOOSE),
    "question_domains_known": Complaint("domains", "One of these is no outcome domain: see the list below."),
    "question_comparator_known": Complaint("comparator", _CHOOSE),
    "question_direction_known": Complaint("claimed_direction", _CHOOSE),
    "question_dose_above_zero": Complaint("low_mg", "A dose is above 0 mg: enter it, or leave it empty."),
    "question_doses_in_order": Complaint("high_mg", "The highest dose is below the lowest: swap them."),
    "question_percent_0_to_100": Complaint("percent", "A percentage lies between 0 and 100."),
    "question_of_efficacy_is_whole": Complaint(
        "domains",
        "Say which outcome domains to look at, what LDN is compared with and what the claim says, or choose "
        "another kind of question.",
    ),
    "question_of_frequency_is_whole": Complaint(
        "comparator", "Say what LDN is compared with and what the claim says."
    ),
    "question_of_doses_is_whole": Complaint("low_mg", "Enter the lowest and the highest claimed dose."),
    "question_of_existence_has_a_mark": Complaint(
        "year", "Enter at least one mark of the claimed study: year, people, percentage or direction."
    ),
    "question_says_why_not": Complaint(
        "why_not",
        "Only a question that the records cannot answer has a reason for that, and it must have one.",
    ),
    "computed_verdict_known": Complaint("word", _CHOOSE),
    "computed_verdict_has_a_reason": Complaint("reason", "A verdict has a reason: compute it again."),
    "verdict_finding_place_known": Complaint("place", _CHOOSE),
    "verdict_finding_has_a_reason": Complaint("reason", "Say why it is listed there: compute it again."),
    "verdict_finding_is_about_one_thing": Complaint(
        None, "A finding is about an outcome or a side effect, not both: compute it again."
    ),
    "safety_fact_has_a_headline": Complaint("headline", "Enter a headline."),
    "safety_fact_level_known": Complaint("level", _CHOOSE),
    "safety_fact_kind_known": Complaint("kind", _CHOOSE),
    "safety_fact_names_a_study_once": Complaint("study", "This study is named twice: remove one."),
    "reference_belongs_to_one_thing": Complaint(
        None, "A reference belongs to one claim, one omission or one safety fact: choose exactly one."
    ),
    "reference_has_a_title": Complaint("title", "Say what the reference is."),
    "reference_url_is_a_web_address": Complaint(
        "url",
        "A web address starts with https:// or http:// and has no spaces; leave empty if there is none.",
    ),
    "reference_kind_known": Complaint("kind", _CHOOSE),
    "article_has_a_title": Complaint("title", "Give the article a title."),
    "article_has_a_summary": Complaint("summary", "Say in one sentence what the article says."),
    "article_has_a_text": Complaint("body", "Write the article's text."),
    "article_status_known": Complaint("status", _CHOOSE),
    "published_article_is_rendered": Complaint(
        "status", "An article is published with its text rendered: save it through this page."
    ),
    "article_reviewed_by_and_on_together": Complaint(
        "reviewed_on", "Say both who reviewed the article and on which day, or neither."
    ),
    "article_revision_has_a_text": Complaint("body", "Write the article's text."),
}
