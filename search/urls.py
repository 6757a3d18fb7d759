"""Addresses of search."""

from django.urls import path

from search import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/export.<str:suffix>", views.search_export, name="search-export"),
    path("search/suggest/", views.suggestions, name="suggest"),
]
