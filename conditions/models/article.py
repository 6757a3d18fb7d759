"""Articles: text by people, figures by the records, and every version that was saved."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse

from conditions.models.condition import Condition
from studies.models.curated import CuratedModel, text_list


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        return self.filter(status=Article.Status.PUBLISHED)

    def count_reviewed(self) -> dict[str, int]:
        """How many articles are published, and how many of them a clinician has reviewed."""
        return self.published().aggregate(
            n_articles=models.Count("pk"), n_reviewed=models.Count("reviewed_by")
        )


class Article(CuratedModel):
    """An article. What readers see of it was rendered when it, or a record it leans on, was saved."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.TextField()
    summary = models.TextField(help_text="One sentence without a number.")
    condition = models.OneToOneField(
        Condition, null=True, blank=True, on_delete=models.PROTECT, related_name="article"
    )
    body = models.TextField("text", help_text="Pandoc's Markdown; see docs/articles.md.")
    front_matter = models.TextField(blank=True, editable=False, help_text="The file's head as typed.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    reviewed_by = models.TextField(
        null=True, blank=True, help_text="The clinician who has reviewed this text: name and profession."
    )
    reviewed_on = models.DateField(null=True, blank=True)

    patient_html = models.TextField(blank=True, editable=False)
    clinician_html = models.TextField(blank=True, editable=False)
    references_html = models.TextField(blank=True, editable=False)
    figures = models.JSONField(
        default=list, editable=False, help_text="Each figure in the text: what it asks, says and leads to."
    )
    findings = models.JSONField(
        default=list, editable=False, help_text="What the checks found when the text was last rendered."
    )
    patient_grade = models.FloatField(
        "reading grade, patients", null=True, editable=False, help_text="About the years of school it asks."
    )
    clinician_grade = models.FloatField("reading grade, clinicians", null=True, editable=False)
    gone_studies = text_list(editable=False, help_text="Cited studies whose papers are retracted.")
    leans_on = text_list(editable=False, help_text="The conditions from whose records the article draws.")
    input_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    text_saved_at = models.DateTimeField(null=True, editable=False)
    rendered_at = models.DateTimeField(null=True, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        indexes = [GinIndex(fields=["leans_on"], name="article_leans_on")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="article_has_a_title"),
            models.CheckConstraint(condition=~Q(summary=""), name="article_has_a_summary"),
            models.CheckConstraint(condition=~Q(body=""), name="article_has_a_text"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "published"]), name="article_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="published") | (Q(rendered_at__isnull=False) & ~Q(patient_html="")),
                name="published_article_is_rendered",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_on__isnull=True)
                | (Q(reviewed_by__isnull=False, reviewed_on__isnull=False) & ~Q(reviewed_by="")),
                name="article_reviewed_by_and_on_together",
            ),
        ]

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        if self.condition is not None:
            return f"{self.condition.get_absolute_url()}#article"
        return reverse("article", args=[self.slug])


class ArticleRevision(models.Model):
    """A text as it was saved once; the newest is the article's own."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    title = models.TextField()
    summary = models.TextField()
    body = models.TextField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty where the text came with the corpus.",
    )
    saved_at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-saved_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="article_revision_has_a_text"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}, {self.saved_at:%Y-%m-%d %H:%M}"
