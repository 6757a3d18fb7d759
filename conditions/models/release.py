"""Dated releases of all that is published: written once, never changed, so that they can be cited."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse


def never_changes(rule: str) -> pgtrigger.Trigger:
    """A row that is neither changed nor removed once it is written."""
    return pgtrigger.Trigger(
        name=rule,
        operation=pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        level=pgtrigger.Row,
        func=f"RAISE EXCEPTION 'a release never changes' "
        f"USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}';",
    )


class Release(models.Model):
    """The state of one day. `content_sha256` tells whether anything has changed since."""

    name = models.CharField(
        max_length=20, unique=True, help_text="Its day; with a number from the second on."
    )
    day = models.DateField()
    made_at = models.DateTimeField()
    made_from = models.DateTimeField(
        null=True, help_text="All that was written by transactions that began before this is in it."
    )
    content_sha256 = models.CharField(max_length=64)
    changes = models.JSONField(default=list, help_text="What differs from the release before, a line each.")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[0-9]+)?$"),
                name="release_name_is_a_day",
            ),
        ]
        triggers = [never_changes("release_never_changes")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("release", args=[self.name])


class ReleaseFile(models.Model):
    """One file of a release, byte for byte."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")
    name = models.TextField(help_text="Its path in the release.")
    content = models.BinaryField()
    size = models.PositiveIntegerField("bytes")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        ordering = ["release", "name"]
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="release_file_once"),
        ]
        triggers = [never_changes("release_file_never_changes")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("release-file", args=[self.release.name, self.name])
