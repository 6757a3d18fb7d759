"""The editors' page for articles: text in, findings out, and every version that was saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from conditions.admin.base import ConditionsPage
from conditions.domain.reading_grade import HIGHEST_GRADE
from conditions.models import Article, ArticleRevision, SafetyFact
from conditions.services.articles import save_article
from studies.admin.base import LONG_TEXTS, ReadOnly, ReadOnlyInline, RuledForm


class ArticleForm(RuledForm):
    publish = forms.BooleanField(
        required=False, help_text="On the site as soon as the checks find nothing; a draft until then."
    )
    note = forms.CharField(
        required=False,
        widget=forms.TextInput({"class": "vTextField"}),
        help_text="What was changed and why, for the list of versions.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        article = self.instance
        self.fields["publish"].initial = article.status == Article.Status.PUBLISHED or bool(article.findings)


class RevisionInline(ReadOnlyInline):
    model = ArticleRevision
    verbose_name_plural = "versions"
    fields = ["saved_at", "saved_by", "note", "text"]
    readonly_fields = ["text"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("saved_by")

    @admin.display(description="text")
    def text(self, revision: ArticleRevision) -> str:
        address = reverse("admin:conditions_articlerevision_change", args=[revision.pk])
        return format_html('<a href="{}">{}</a>', address, revision.title)


@admin.register(Article)
class ArticlePage(ConditionsPage):
    form = ArticleForm
    view_on_site = False  # a draft is not there; the preview shows both
    inlines = [RevisionInline]
    autocomplete_fields = ["condition"]
    list_display = [
        "title",
        "condition",
        "status",
        "n_findings",
        "patient_grade",
        "reviewed_by",
        "text_saved_at",
    ]
    list_select_related = ["condition"]
    list_filter = ["status"]
    search_fields = ["title", "slug", "body"]
    ordering = ["title"]
    long_texts = LONG_TEXTS | {"summary"}
    also_compared = ["status"]
    readonly_fields = ["status", "found", "reading", "figures_used", "text_saved_at", "rendered_at"]
    fieldsets = [
        ("State", {"fields": ["status", "publish", "found", "reading", ("text_saved_at", "rendered_at")]}),
        ("Text", {"fields": ["title", "slug", "condition", "summary", "body", "note"]}),
        ("Figures in the text", {"fields": ["figures_used"], "classes": ["collapse"]}),
        ("Review by a clinician", {"fields": [("reviewed_by", "reviewed_on")]}),
    ]

    def get_readonly_fields(self, request: Any, obj: Article | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "slug"] if obj else fields

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        if db_field.name != "body":
            return super().formfield_for_dbfield(db_field, request, **options)
        field = super().formfield_for_dbfield(db_field, request, strip=False, **options)
        field.widget = AdminTextareaWidget({"rows": 40, "class": "vLargeTextField article-text"})
        return field

    def save_model(self, request: Any, obj: Article, form: Any, change: bool) -> None:
        if change and not form.has_changed():
            return
        findings = save_article(
            article=obj,
            publish=form.cleaned_data["publish"],
            now=timezone.now(),
            editor=request.user,
            note=form.cleaned_data["note"],
        )
        if findings:
            self.message_user(
                request,
                f"Kept as a draft: the checks found {len(findings)} thing(s), listed on the article's page.",
                messages.WARNING,
            )

    @admin.display(description="findings")
    def n_findings(self, article: Article) -> int:
        return len(article.findings)

    @admin.display(description="what keeps it from being published")
    def found(self, article: Article) -> str:
        if not article.pk:
            return "Saved first, then checked."
        rows = [(f["line"], f["problem"], f["mend"]) for f in article.findings]
        listed = format_html_join("", "<li>Line {} of the text: {}. <strong>{}</strong></li>", rows)
        return format_html('<ol class="findings">{}</ol>', listed) if rows else "Nothing."

    @admin.display(description="reading grade")
    def reading(self, article: Article) -> str:
        if article.patient_grade is None:
            return "Saved first, then counted."
        return (
            f"{article.patient_grade} for patients (at most {HIGHEST_GRADE:g} to be published), "
            f"{article.clinician_grade} for clinicians: about the years of school that it asks of its reader."
        )

    @admin.display(description="computed when last rendered")
    def figures_used(self, article: Article) -> str:
        rows = [
            (" ".join(map("=".join, figure["asked"].items())), figure["url"], figure["text"])
            for figure in article.figures
        ]
        listed = format_html_join("", '<li><code>{}</code>: <a href="{}">{}</a></li>', rows)
        return format_html("<ul>{}</ul>", listed) if rows else "None."

    # ---- the preview

    def get_urls(self) -> Any:
        page = path(
            "<int:pk>/preview/",
            self.admin_site.admin_view(self.preview_view),
            name="conditions_article_preview",
        )
        return [page, *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The article as readers would see it, published or not."""
        article = get_object_or_404(Article, pk=pk)
        if not self.has_view_permission(request, article):
            raise PermissionDenied
        context = {"article": article, "stop_facts": SafetyFact.objects.that_stop()}
        return render(request, "conditions/article_detail.html", context)


@admin.register(ArticleRevision)
class ArticleRevisionPage(ReadOnly, ConditionsPage):
    list_display = ["article", "saved_at", "saved_by", "note"]
    list_select_related = ["article", "saved_by"]
    ordering = ["-saved_at"]
    fields = ["article", "saved_at", "saved_by", "note", "title", "summary", "text"]
    readonly_fields = ["text"]

    @admin.display(description="text")
    def text(self, revision: ArticleRevision) -> str:
        return format_html('<pre class="article-text">{}</pre>', revision.body)
