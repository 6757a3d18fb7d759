"""What the registries answered, and what follows from it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from studies.models.study import Study


class Registry(models.TextChoices):
    CROSSREF = "crossref", "Crossref"
    PUBMED = "pubmed", "PubMed"
    OPENALEX = "openalex", "OpenAlex"
    EUROPEPMC = "europepmc", "Europe PMC"
    CLINICALTRIALS = "clinicaltrials", "ClinicalTrials.gov"
    RETRACTION_WATCH = "retraction_watch", "Retraction Watch"


class RegistryEdition(models.Model):
    """The last state of a registry's data that was accepted, for one that names its states or is a file.

    A file that is much smaller than the last one is refused as a whole; data that are still of this edition
    need not be asked for again.
    """

    registry = models.CharField(max_length=20, choices=Registry.choices, unique=True)
    version = models.CharField(max_length=64, help_text="The registry's own name for it, or a hash.")
    rows = models.PositiveIntegerField(null=True, blank=True)
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["registry"]
        constraints = [
            models.CheckConstraint(
                condition=Q(registry__in=Registry.values), name="registry_edition_registry_known"
            ),
            models.CheckConstraint(condition=~Q(version=""), name="registry_edition_has_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.registry} {self.version}"


class RegistryCheck(models.Model):
    """The last time one registry was asked about one study, and its last word.

    A failure keeps the last answer: what was known is not forgotten because a line was down.
    """

    class Answer(models.TextChoices):
        FOUND = "found", "Found"
        UNKNOWN = "unknown", "Not known there"
        CONFLICT = "conflict", "Another paper under this identifier"
        REFUSED = "refused", "Refused the question"
        FAILED = "failed", "Not reachable"

    # The unique constraint's index begins with it.
    study = models.ForeignKey(Study, models.CASCADE, related_name="registry_checks", db_index=False)
    registry = models.CharField(max_length=20, choices=Registry.choices)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer.choices)
    detail = models.TextField(blank=True)
    answered_at = models.DateTimeField(
        null=True, blank=True, help_text="When the registry last gave an answer that counts."
    )
    found_at = models.DateTimeField(
        null=True, blank=True, help_text="When it last described this very paper; empty while it never has."
    )
    body = models.TextField(blank=True, help_text="The stored part of the answer that is about this paper.")
    body_sha256 = models.CharField(max_length=64, blank=True, help_text="Kept when the body is pruned.")
    body_stored_at = models.DateTimeField(null=True, blank=True, help_text="When that body came.")
    fields_checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When its answer was last read and compared with the record."
    )
    failures = models.PositiveIntegerField("failures in a row", default=0)
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="When the first of the failures in a row was."
    )
    next_check_at = models.DateTimeField()

    class Meta:
        ordering = ["study", "registry"]
        # Nothing that an ordinary answer changes is in an index: PostgreSQL writes the new row beside the old
        # one, and no index (HOT). What is due is looked up study by study.
        indexes = [
            models.Index(fields=["registry"], condition=Q(failures__gt=0), name="registry_check_failing")
        ]
        constraints = [
            models.UniqueConstraint(fields=["study", "registry"], name="registry_check_once_per_study"),
            models.CheckConstraint(
                condition=Q(registry__in=Registry.values), name="registry_check_registry_known"
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["found", "unknown", "conflict", "refused", "failed"]),
                name="registry_check_answer_known",
            ),
            models.CheckConstraint(
                condition=~Q(answer="found") | Q(answered_at__isnull=False),
                name="registry_check_found_was_answered",
            ),
            models.CheckConstraint(
                condition=Q(answer="failed", failures__gt=0) | (~Q(answer="failed") & Q(failures=0)),
                name="registry_check_counts_failures",
            ),
            models.CheckConstraint(
                condition=Q(failing_since__isnull=True) | Q(failures__gt=0),
                name="registry_check_fails_since_a_failure",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_registry_display()} on {self.study.key}: {self.get_answer_display()}"


class Notice(models.Model):
    """A retraction, concern or correction that a registry reports of a paper."""

    class Kind(models.TextChoices):
        RETRACTION = "retraction", "Retraction"
        REPUBLICATION = "retraction and republication", "Retraction and republication"
        WITHDRAWAL = "withdrawal", "Withdrawal"
        CONCERN = "concern", "Expression of concern"
        CORRECTION = "correction", "Correction"
        REINSTATEMENT = "reinstatement", "Reinstatement"
        UNKNOWN = "unknown", "Not understood, for an editor"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30, choices=Kind.choices)
    raw_kind = models.TextField(help_text="The registry's own word.")
    dated_on = models.DateField(null=True, blank=True)
    date_text = models.TextField(blank=True, help_text="The date as the registry words it, such as 2010 Feb.")
    notice_doi = models.TextField(blank=True)
    notice_pmid = models.PositiveIntegerField(null=True, blank=True)
    registry = models.CharField(max_length=20, choices=Registry.choices)
    asserted_by = models.TextField(blank=True, help_text="Who says so, in the registry's words.")
    first_seen_at = models.DateTimeField()
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The editor who found that it does not concern this paper. It stays on record.",
    )
    dismissed_on = models.DateField(null=True, blank=True)
    dismissed_because = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["dated_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    dismissed_by__isnull=True, dismissed_on__isnull=True, dismissed_because__isnull=True
                )
                | Q(
                    dismissed_by__isnull=False,
                    dismissed_on__isnull=False,
                    dismissed_because__isnull=False,
                    dismissed_because__regex=r"\S",
                ),
                name="notice_dismissal_is_whole",
            ),
            models.UniqueConstraint(
                fields=["study", "registry", "kind", "notice_doi", "notice_pmid", "dated_on"],
                nulls_distinct=False,
                name="notice_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "retraction",
                        "retraction and republication",
                        "withdrawal",
                        "concern",
                        "correction",
                        "reinstatement",
                        "unknown",
                    ]
                ),
                name="notice_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.study.key}"

    @property
    def is_dismissed(self) -> bool:
        return self.dismissed_by_id is not None


class MetadataProposal(models.Model):
    """A value of a registry, or of a file that was imported, other than what is here; a person decides."""

    IMPORTED = "import"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        SUPERSEDED = "superseded", "Superseded"
        UNDONE = "undone", "Accepted, then undone"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="proposals")
    registry = models.CharField(
        "from", max_length=20, choices=[*Registry.choices, (IMPORTED, "Imported file")]
    )
    place = models.TextField(blank=True, help_text="The line of a file that was imported.")
    field = models.TextField()
    old = models.JSONField(null=True)
    new = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    origin_before = models.JSONField(
        default=list, editable=False, help_text="Where the old value came from, to be put back by an undo."
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "registry", "field"], condition=Q(state="open"), name="proposal_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "rejected", "superseded", "undone"]),
                name="proposal_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rejected", "undone"]) | Q(decided_at__isnull=False),
                name="proposal_decision_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", undone_at__isnull=False)
                | (~Q(state="undone") & Q(undone_at__isnull=True, undone_by__isnull=True)),
                name="proposal_undoing_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.study.key} from {self.get_registry_display()}"


class RefreshRun(models.Model):
    """One run of the citation refresh, with what came of it.

    `due` is all that was due when the first worker began; of one that joins it, what it has taken.
    """

    registry = models.CharField(max_length=20, choices=Registry.choices)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    due = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    filled = models.PositiveIntegerField("fields filled", default=0)
    proposed = models.PositiveIntegerField("fields proposed", default=0)
    conflicts = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField("studies changed", default=0)
    waiting = models.PositiveIntegerField("to be asked later", default=0)
    error = models.TextField(blank=True)
    error_body = models.TextField(blank=True, help_text="The beginning of what came instead of an answer.")

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=models.F("started_at")),
                name="refresh_run_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registry} {self.started_at:%Y-%m-%d %H:%M}"
