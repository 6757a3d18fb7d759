"""The API's addresses; each resource is defined in its room."""

from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.routers import SimpleRouter

from conditions.api import (
    CertaintyViewSet,
    ChangeViewSet,
    ClaimViewSet,
    ConditionViewSet,
    PoolView,
    PoolViewSet,
    SafetyFactViewSet,
)
from studies.api import (
    DoseViewSet,
    NoticeViewSet,
    OutcomeViewSet,
    RegistryCheckViewSet,
    SideEffectViewSet,
    StudyViewSet,
    TrialViewSet,
    nothing_here,
)

router = SimpleRouter()
router.register("studies", StudyViewSet, basename="api-study")
router.register("conditions", ConditionViewSet, basename="api-condition")
router.register("outcomes", OutcomeViewSet, basename="api-outcome")
router.register("doses", DoseViewSet, basename="api-dose")
router.register("side-effects", SideEffectViewSet, basename="api-side-effect")
router.register("claims", ClaimViewSet, basename="api-claim")
router.register("pools", PoolViewSet, basename="api-pool-answer")
router.register("certainties", CertaintyViewSet, basename="api-certainty")
router.register("trials", TrialViewSet, basename="api-trial")
router.register("notices", NoticeViewSet, basename="api-notice")
router.register("registry-checks", RegistryCheckViewSet, basename="api-registry-check")
router.register("changes", ChangeViewSet, basename="api-change")
router.register("safety", SafetyFactViewSet, basename="api-safety-fact")


@extend_schema(exclude=True)
@api_view(["GET"])
def root(request: Request) -> Response:
    """The addresses of all lists."""
    return Response({prefix: reverse(f"{name}-list", request=request) for prefix, _, name in router.registry})


urlpatterns = [
    path("", root, name="api-root"),
    *router.urls,
    path("pool/", PoolView.as_view(), name="api-pool"),
    # Only what ends in a slash: the rest is first sent to the address that does.
    re_path(r"^[\s\S]*/$", nothing_here),
]
