"""The API's resources on studies: read-only, published studies alone."""

from studies.api.read_only import nothing_here
from studies.api.views import (
    DoseViewSet,
    NoticeViewSet,
    OutcomeViewSet,
    RegistryCheckViewSet,
    SideEffectViewSet,
    StudyViewSet,
    TrialViewSet,
)

__all__ = [
    "DoseViewSet",
    "NoticeViewSet",
    "OutcomeViewSet",
    "RegistryCheckViewSet",
    "SideEffectViewSet",
    "StudyViewSet",
    "TrialViewSet",
    "nothing_here",
]
