"""Addresses of conditions, claims and safety."""

from django.urls import path

from conditions import feeds, views

urlpatterns = [
    path("", views.home, name="home"),
    path("conditions/", views.condition_list, name="conditions"),
    path("conditions/<slug:slug>/", views.condition_detail, name="condition"),
    path("conditions/<slug:slug>/sheet/", views.condition_sheet, name="sheet"),
    path("conditions/<slug:condition>/pools/<slug:slug>/", views.pool_detail, name="pool"),
    path(
        "conditions/<slug:slug>/references.<str:suffix>",
        views.condition_references,
        name="condition-references",
    ),
    path("conditions/<slug:slug>/feed.atom", feeds.condition, name="condition-feed"),
    path("feeds/changes.atom", feeds.changes, name="changes-feed"),
    path("feeds/notices.atom", feeds.notices, name="notices-feed"),
    path("claims/", views.claim_list, name="claims"),
    path("claims/<slug:slug>/", views.claim_detail, name="claim"),
    path("articles/", views.article_list, name="articles"),
    path("articles/<slug:slug>/", views.article_detail, name="article"),
    path("changes/", views.changes, name="changes"),
    path("studies/<slug:key>/what-if/", views.what_if, name="what-if"),
    path("safety/", views.safety, name="safety"),
    path("methods/", views.methods, name="methods"),
    path("about/", views.about, name="about"),
]
