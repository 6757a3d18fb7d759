"""Addresses of the FHIR resources."""

from django.urls import path

from fhir_r5 import views

urlpatterns = [
    path("metadata", views.metadata, name="fhir-metadata"),
    path("Bundle/<slug:slug>", views.condition_bundle, name="fhir-bundle"),
    path("<str:kind>/<str:ident>", views.read, name="fhir-read"),
    path("<str:kind>", views.search, name="fhir-search"),
]
