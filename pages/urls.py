"""Addresses of pages as they stood on a day."""

from django.urls import path

from pages import views

urlpatterns = [
    path("conditions/<slug:slug>/sheet/<str:day>/", views.sheet_of_day, name="sheet-of-day"),
]
