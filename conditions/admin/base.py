"""What the editors' pages of this room share."""

from __future__ import annotations

from conditions.domain.complaint import COMPLAINTS
from studies.admin.base import EditorsPage
from studies.domain.complaint import COMPLAINTS as STUDY_COMPLAINTS


class ConditionsPage(EditorsPage):
    complaints = {**STUDY_COMPLAINTS, **COMPLAINTS}
