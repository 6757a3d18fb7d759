"""The API's resources on conditions, claims and safety facts, and the calculator of pools."""

from conditions.api.answers import PoolViewSet
from conditions.api.entries import ClaimViewSet, ConditionViewSet, SafetyFactViewSet
from conditions.api.history import CertaintyViewSet, ChangeViewSet
from conditions.api.pool import PoolView

__all__ = [
    "CertaintyViewSet",
    "ChangeViewSet",
    "ClaimViewSet",
    "ConditionViewSet",
    "PoolView",
    "PoolViewSet",
    "SafetyFactViewSet",
]
