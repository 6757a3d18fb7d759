"""Files of citations that editors import: what they hold, and what would become of each entry."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.domain.proposal import value_in_words
from studies.models.curated import text_list
from studies.models.discovery import Find
from studies.models.study import Study
from studies.models.trial import Trial


class CitationImport(models.Model):
    """A file or a pasted list. Nothing of it is saved as drafts before an editor has seen what is in it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        READ = "read", "Read, nothing saved yet"
        REFUSED = "refused", "Cannot be read"
        SAVED = "saved", "Saved as drafts"

    name = models.TextField("file", help_text="The name of the file, or what was pasted.")
    content = models.BinaryField(editable=False, help_text="The file, until its entries are saved as drafts.")
    size = models.PositiveIntegerField("bytes", editable=False)
    sha256 = models.TextField(editable=False)
    kind = models.TextField(blank=True, help_text="Empty: to be found out.")
    encoding = models.TextField(blank=True, help_text="Empty: to be found out.")
    is_encoding_guessed = models.BooleanField("the encoding is a guess", default=False)
    notes = text_list(help_text="What of the file belongs to no entry and is left out.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    error = models.TextField("why it cannot be read", blank=True)
    n_new = models.PositiveIntegerField("new", default=0)
    n_same = models.PositiveIntegerField("same", default=0)
    n_differs = models.PositiveIntegerField("differs", default=0)
    n_unreadable = models.PositiveIntegerField("unreadable", default=0)
    n_saved = models.PositiveIntegerField("saved as drafts", default=0)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = "import of citations"
        verbose_name_plural = "imports of citations"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "read", "refused", "saved"]), name="import_state_known"
            ),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="import_has_a_name"),
            models.CheckConstraint(
                condition=Q(state="refused", error__regex=r"\S") | (~Q(state="refused") & Q(error="")),
                name="import_refusal_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="saved", saved_at__isnull=False)
                | (~Q(state="saved") & Q(saved_at__isnull=True, n_saved=0)),
                name="import_saving_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.uploaded_at:%Y-%m-%d %H:%M}"


class ImportRow(models.Model):
    """One entry of a file, and what became of it. `find` is the draft made of it, or the one that it is."""

    class State(models.TextChoices):
        NEW = "new", "New"
        SAME = "same", "Same"
        DIFFERS = "differs", "Differs"
        UNREADABLE = "unreadable", "Unreadable"

    citation_import = models.ForeignKey(CitationImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="Its place among the entries of the file.")
    line = models.PositiveIntegerField(help_text="The line of the file in which it begins.")
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.TextField(blank=True, help_text="By what it was recognised, or why it cannot be read.")
    citation = models.JSONField(null=True, blank=True, help_text="What the entry says; empty if unreadable.")
    left_out = text_list(help_text="What of the entry is not kept, in the file's own words.")
    differences = models.JSONField(
        default=list, blank=True, help_text="Field, value here, value in the file."
    )
    text = models.TextField(blank=True, help_text="The beginning of an entry that cannot be read.")
    study = models.ForeignKey(Study, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    trial = models.ForeignKey(Trial, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    find = models.ForeignKey(
        Find, null=True, blank=True, on_delete=models.SET_NULL, related_name="import_rows"
    )

    class Meta:
        ordering = ["citation_import", "number"]
        constraints = [
            models.UniqueConstraint(fields=["citation_import", "number"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(state__in=["new", "same", "differs", "unreadable"]), name="import_row_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="unreadable", citation__isnull=True, reason__regex=r"\S")
                | (~Q(state="unreadable") & Q(citation__isnull=False)),
                name="import_row_says_something_or_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"entry {self.number} of {self.citation_import_id}"

    def differences_in_words(self) -> list[tuple[str, str, str]]:
        """Field, value here ("" for none) and value in the file, as an editor reads them."""
        return [
            (each["field"], value_in_words(each["old"]), value_in_words(each["new"]))
            for each in self.differences
        ]
