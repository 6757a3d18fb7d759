"""Addresses of what readers send and keep."""

from django.urls import path

from readers import views

urlpatterns = [
    path("problem/", views.problem, name="problem"),
    path("problem/sent/", views.problem_sent, name="problem-sent"),
]
