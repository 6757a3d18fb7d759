"""Addresses of studies, doses, side effects and trials."""

from django.urls import path

from studies import downloads, views

urlpatterns = [
    path("studies/", views.study_list, name="studies"),
    path("studies/export.<str:suffix>", downloads.selection_export, name="studies-export"),
    path("studies/<slug:key>/export.<str:suffix>", downloads.study_export, name="study-export"),
    path("studies/<slug:key>/", views.study_detail, name="study"),
    path("doses/", views.doses, name="doses"),
    path("side-effects/", views.side_effect_list, name="side-effects"),
    path("side-effects/<slug:slug>/", views.side_effect_detail, name="side-effect"),
    path("trials/", views.trial_list, name="trials"),
    path("trials/<path:registry_id>/", views.trial_detail, name="trial"),
    path("glossary/", views.glossary, name="glossary"),
]
