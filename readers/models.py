"""What readers report about a page, and what editors answer at its foot.

Two tables, because only one of them is shown: a report makes no page stale, so that nobody can keep the
publisher busy by sending reports.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

models.TextField.register_lookup(Length)

MOST_PATH, MOST_WORDS, LEAST_WORDS = 300, 2000, 10


def _is_path(field: str, name: str) -> models.CheckConstraint:
    is_short = Q(**{f"{field}__length__lte": MOST_PATH})
    return models.CheckConstraint(
        condition=Q(**{f"{field}__startswith": "/"}) & ~Q(**{f"{field}__contains": "?"}) & is_short, name=name
    )


class ProblemReport(models.Model):
    """What somebody wrote about a page. Who it was is asked nowhere and kept nowhere."""

    class State(models.TextChoices):
        NEW = "new", "New"
        ANSWERED = "answered", "Answered on the page"
        DECLINED = "declined", "Declined"

    page = models.TextField(help_text="The path of the page, without a query.")
    words = models.TextField("what the reader wrote")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    because = models.TextField("why it is declined", blank=True, default="")

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            _is_path("page", "report_page_is_a_path"),
            models.CheckConstraint(
                condition=Q(words__length__gte=LEAST_WORDS, words__length__lte=MOST_WORDS),
                name="report_has_words",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["new", "answered", "declined"]), name="report_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="new", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state="new") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="report_decision_has_who_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(because=""), name="report_decline_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}, {self.received_at:%Y-%m-%d}"


class PageAnswerQuerySet(models.QuerySet["PageAnswer"]):
    def on(self, path: str) -> PageAnswerQuerySet:
        """Those that stand at the foot of a page."""
        return self.filter(page=path)


class PageAnswer(models.Model):
    """An editor's answer, for everybody to read at the foot of the page that the report was about."""

    report = models.OneToOneField(ProblemReport, on_delete=models.CASCADE, related_name="answer")
    page = models.TextField()
    text = models.TextField()
    quote = models.TextField(blank=True, default="", help_text="The reader's own words, where published.")
    answered_on = models.DateField()

    objects = PageAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-answered_on", "-pk"]
        indexes = [models.Index(fields=["page"], name="page_answer_page")]
        constraints = [
            _is_path("page", "page_answer_page_is_a_path"),
            models.CheckConstraint(condition=~Q(text=""), name="page_answer_has_a_text"),
            models.CheckConstraint(
                condition=Q(text__length__lte=MOST_WORDS), name="page_answer_is_not_endless"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}, answered on {self.answered_on}"
