"""What the editors' pages of this room share."""

from __future__ import annotations

from typing import Any

from conditions.domain.complaint import COMPLAINTS
from studies.admin.base import EditorsPage
from studies.domain.complaint import COMPLAINTS as STUDY_COMPLAINTS
from studies.services import editing


class ConditionsPage(EditorsPage):
    complaints = {**STUDY_COMPLAINTS, **COMPLAINTS}


class QuotedPage(ConditionsPage):
    """A page of an entry that verdicts name and articles quote: both are made anew with it."""

    def after_save(self, request: Any, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        editing.after_entry_edit()

    def after_deletion(self) -> None:
        editing.after_entry_edit()
