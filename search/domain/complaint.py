"""What to tell an editor when a rule about search is broken."""

from __future__ import annotations

from studies.domain.complaint import Complaint

# Entries are written by no form; a broken rule there is a fault of the program.
_ENTRY = Complaint(
    None, "An entry of search breaks a rule: nothing was saved. Report it with what you entered."
)

COMPLAINTS: dict[str, Complaint] = {
    "synonym_group_has_two_terms": Complaint("terms", "Give at least two terms, one a line."),
    "search_entry_once_per_page": _ENTRY,
    "search_entry_kind_known": _ENTRY,
    "search_entry_tier_known": _ENTRY,
    "search_entry_has_a_title": _ENTRY,
}
