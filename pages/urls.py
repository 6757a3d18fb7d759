"""Addresses of pages as they stood on a day, and of what tells programs which pages there are."""

from django.urls import path

from pages import views

urlpatterns = [
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", views.sitemap_part, name="sitemap-part"),
    path("robots.txt", views.robots, name="robots"),
    path("llms.txt", views.llms, name="llms"),
    path("conditions/<slug:slug>/sheet/<str:day>/", views.sheet_of_day, name="sheet-of-day"),
]
