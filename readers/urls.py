"""Addresses of what readers send and keep."""

from django.urls import path

from readers import views

urlpatterns = [
    path("problem/", views.problem, name="problem"),
    path("problem/sent/", views.problem_sent, name="problem-sent"),
    path("reading-list/", views.reading_list, name="reading-list"),
    path("reading-list/items/", views.reading_list_items, name="reading-list-items"),
]
