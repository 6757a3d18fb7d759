"""What a registry's answer leaves for a person to decide."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.models.registry import Registry
from studies.models.study import Study


class EditorTask(models.Model):
    """A question that no rule may settle: opened by the service that wrote the answer, closed by a person.

    There is at most one open task of a kind for a study and a registry.
    """

    class Kind(models.TextChoices):
        DISAGREEMENT = "disagreement", "Registries disagree about the paper's status"
        UNKNOWN_NOTICE = "unknown notice", "A kind of notice that no rule understands"
        IDENTITY = "identity", "The identifier leads to another paper"
        VANISHED = "vanished", "Something vanished from a registry"
        SHRUNKEN_FILE = "shrunken file", "A file shrank and was refused"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    study = models.ForeignKey(
        Study, null=True, blank=True, on_delete=models.CASCADE, related_name="editor_tasks"
    )
    registry = models.CharField(
        max_length=20, choices=Registry.choices, blank=True, help_text="Empty where several are concerned."
    )
    detail = models.TextField(help_text="What was seen.")
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_because = models.TextField("closed because", null=True, blank=True)

    class Meta:
        ordering = ["state", "-opened_at", "-pk"]
        verbose_name = "editor's task"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "study", "registry"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="editor_task_open_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["disagreement", "unknown notice", "identity", "vanished", "shrunken file"]
                ),
                name="editor_task_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(registry="") | Q(registry__in=Registry.values),
                name="editor_task_registry_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="shrunken file", study__isnull=True)
                | (~Q(kind="shrunken file") & Q(study__isnull=False)),
                name="editor_task_is_about_a_study_or_a_file",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="open",
                    closed_at__isnull=True,
                    closed_by__isnull=True,
                    closed_because__isnull=True,
                )
                | Q(
                    state="done",
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    closed_because__isnull=False,
                    closed_because__regex=r"\S",
                ),
                name="editor_task_closing_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.study or self.get_registry_display()}"
