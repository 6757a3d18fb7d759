"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ldn_kb import api_urls, health
from studies.api import nothing_here

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    re_path(r"^api/[\s\S]*/$", nothing_here),
    path("fhir/", include("fhir_r5.urls")),
    path("", include("pages.urls")),
    path("", include("readers.urls")),
    path("", include("search.urls")),
    path("", include("conditions.urls")),
    path("", include("studies.urls")),
]
