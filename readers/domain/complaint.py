"""What to tell an editor when a rule about readers' reports is broken."""

from __future__ import annotations

from studies.domain.complaint import Complaint

# Readers' own words are written by no editor's form; a broken rule there is a fault of the program.
_REPORT = Complaint(None, "A report breaks a rule: nothing was saved. Tell whoever runs the site.")

COMPLAINTS: dict[str, Complaint] = {
    "report_page_is_a_path": _REPORT,
    "report_has_words": _REPORT,
    "report_state_known": Complaint("decision", "Choose one of the words in the list."),
    "report_decision_has_who_and_when": Complaint("decision", "A decision needs who made it, and when."),
    "report_decline_has_a_reason": Complaint("because", "Say why it is declined; only editors see this."),
    "page_answer_page_is_a_path": _REPORT,
    "page_answer_has_a_text": Complaint("answer", "Write the answer that readers of the page shall see."),
    "page_answer_is_not_endless": Complaint("answer", "Keep the answer under 2,000 characters."),
}
