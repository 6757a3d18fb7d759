"""How sure anyone can be of one answer: computed, stored with its steps, and an editor's word beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from conditions.domain.certainty import LEVEL_LABELS, LEVELS
from conditions.domain.statement import Direction, Finding, Size, state
from conditions.models.condition import Condition
from studies.domain.speech import ENGLISH, Speech
from studies.domain.vocabulary import OutcomeDomain, choices_of

LEVEL_CHOICES = list(LEVEL_LABELS.items())
WORD_CHOICES = [(level, LEVEL_LABELS[level]) for level in reversed(LEVELS)]
COMPARATORS = {"placebo": "Placebo", "active": "Another treatment", "none": "No treatment"}


class Certainty(models.Model):
    """The certainty of one question: a condition, an outcome domain and what was compared with."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="certainties")
    domain = models.CharField("outcome", max_length=20, choices=choices_of(OutcomeDomain))
    comparator = models.CharField(max_length=10, choices=list(COMPARATORS.items()))
    level = models.CharField("computed word", max_length=15, choices=LEVEL_CHOICES)
    size = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Size], null=True, blank=True)
    direction = models.CharField(
        max_length=10, choices=[(d.value, d.value) for d in Direction], null=True, blank=True
    )
    steps = models.JSONField(help_text="Each rule that fired: rule, domain, change, reason, mend.")
    version = models.CharField("version of the rules", max_length=10)
    input_hash = models.CharField(max_length=64)
    computed_at = models.DateTimeField()

    override_level = models.CharField(
        "an editor's word", max_length=15, choices=WORD_CHOICES, null=True, blank=True
    )
    override_reason = models.TextField("reason", null=True, blank=True)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    overridden_on = models.DateField(null=True, blank=True)
    override_hash = models.CharField(
        max_length=64, null=True, blank=True, help_text="The inputs that the editor judged."
    )

    class Meta:
        verbose_name_plural = "certainties"
        ordering = ["condition", "domain", "comparator"]
        constraints = [
            models.UniqueConstraint(
                fields=["condition", "domain", "comparator"], name="certainty_once_per_question"
            ),
            models.CheckConstraint(
                condition=Q(domain__in=[d.value for d in OutcomeDomain]), name="certainty_domain_known"
            ),
            models.CheckConstraint(
                condition=Q(comparator__in=list(COMPARATORS)), name="certainty_comparator_known"
            ),
            models.CheckConstraint(condition=Q(level__in=list(LEVEL_LABELS)), name="certainty_level_known"),
            models.CheckConstraint(
                condition=Q(size__in=[s.value for s in Size]), name="certainty_size_known"
            ),
            models.CheckConstraint(
                condition=Q(size__isnull=True, direction__isnull=True)
                | Q(size__isnull=False, direction__isnull=False, direction__in=["benefit", "harm"]),
                name="certainty_finding_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(override_level__in=list(LEVELS)), name="certainty_override_level_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    override_level__isnull=True,
                    override_reason__isnull=True,
                    overridden_by__isnull=True,
                    overridden_on__isnull=True,
                    override_hash__isnull=True,
                )
                | Q(
                    override_level__isnull=False,
                    override_reason__isnull=False,
                    override_reason__regex=r"\S",
                    overridden_by__isnull=False,
                    overridden_on__isnull=False,
                    override_hash__isnull=False,
                ),
                name="certainty_override_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition}: {self.get_domain_display()}, {self.get_comparator_display()}"

    def override(self, *, level: str | None, reason: str | None, editor: Any, on: date) -> None:
        """Set an editor's word, or with no level and no reason take it back; nothing is saved."""
        is_set = bool(level or reason)
        self.override_level = level or None
        self.override_reason = reason or None
        self.overridden_by = editor if is_set else None
        self.overridden_on = on if is_set else None
        self.override_hash = self.input_hash if is_set else None

    @property
    def anchor(self) -> str:
        """Its place on the condition's page."""
        return f"certainty-{self.domain}-{self.comparator}"

    @property
    def word(self) -> str:
        """The level that readers meet: an editor's where there is one, else the computed."""
        return self.override_level or self.level

    @property
    def word_label(self) -> str:
        return LEVEL_LABELS[self.word]

    @property
    def is_override_stale(self) -> bool:
        """True when the evidence has changed since an editor judged it."""
        return self.override_hash is not None and self.override_hash != self.input_hash

    @property
    def statement(self) -> str:
        """What the evidence says, in GRADE's standard sentence."""
        return self.statement_in(ENGLISH)

    def statement_in(self, speech: Speech) -> str:
        """The same in another language."""
        finding = None
        if self.size and self.direction:
            finding = Finding(Size(self.size), Direction(self.direction))
        return state(
            outcome=self.domain,
            finding=finding,
            level=self.word,
            comparator=self.comparator,
            speech=speech,
        )

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The steps that rated it down."""
        return [step for step in self.steps if step["change"]]

    @property
    def other_steps(self) -> list[dict[str, Any]]:
        """The start, and the steps that changed nothing."""
        return [step for step in self.steps if not step["change"]]
