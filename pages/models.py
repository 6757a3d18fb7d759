"""Published pages, the version of the records that they were made from, and the runs that made them."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from history.models import HANDED

# Processes that keep pages in memory listen here.
CHANNEL = "pages"


# The rows that a statement has changed, by its kind; an equal row is no change. Of a statement is told once,
# for it may change a hundred thousand (docs/decisions/0026).
CHANGED = {
    pgtrigger.Insert: "SELECT * FROM new_rows",
    pgtrigger.Update: """
        SELECT changed.* FROM old_rows AS old_row FULL JOIN new_rows AS new_row ON new_row.id = old_row.id
        CROSS JOIN LATERAL (SELECT old_row.* UNION ALL SELECT new_row.*) AS changed
        WHERE old_row$SHOWN IS DISTINCT FROM new_row$SHOWN
    """,
    pgtrigger.Delete: "SELECT * FROM old_rows",
}


def note_writes() -> list[pgtrigger.Trigger]:
    """Any change to rows of a table moves the version on, in its transaction."""
    return _after_statements("note_write", "IF EXISTS ($CHANGED) THEN PERFORM pages_note_write(); END IF;")


def note_documents(studies: str, shown: str = "") -> list[pgtrigger.Trigger]:
    """Any change to rows notes which studies' documents it makes stale.

    Args:
        studies: SQL of the numbers of those studies, in which $ROW stands for the changed row.
        shown: the one column that stands in documents, where the others do not.
    """
    of_row = studies.replace("$ROW", "changed_row")
    theirs = f"($CHANGED) AS changed_row CROSS JOIN LATERAL ({of_row}) AS theirs"
    note = f"PERFORM pages_note_documents(ARRAY(SELECT DISTINCT theirs.* FROM {theirs}));"  # noqa: S608
    return _after_statements("note_documents", note, shown=f".{shown}" if shown else "")


def _after_statements(name: str, what: str, shown: str = "") -> list[pgtrigger.Trigger]:
    """A trigger for each kind of statement: PostgreSQL hands its rows to one of a single kind."""
    return [
        pgtrigger.Trigger(
            name=f"{name}_{str(kind).lower()}",
            operation=kind,
            when=pgtrigger.After,
            level=pgtrigger.Statement,
            referencing=HANDED[kind],
            func=f"{what.replace('$CHANGED', changed.replace('$SHOWN', shown))} RETURN NULL;",
        )
        for kind, changed in CHANGED.items()
    ]


class Write(models.Model):
    """How many transactions of one database session changed the records; the version is the sum.

    A session counts in a row of its own, so that no write ever waits for another one's end. Sums never
    repeat: what is committed is only ever added. Row 0 keeps the counts of sessions that are gone.
    """

    backend = models.IntegerField(primary_key=True, help_text="Number of the session's process, or 0.")
    n_transactions = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(n_transactions__gte=0), name="write_transactions_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n_transactions} transactions of session {self.backend}"


class Standing(models.Model):
    """Since when everything has stood as it does: one row, moved on by whoever sees a new state first.

    A writer cannot say when its transaction will be committed, so that its own time could come out earlier
    than that of what was read before. Readers can, and each state's second is later than the last one's.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(help_text="Version of the records.")
    day = models.DateField(help_text="UTC day.")
    edition = models.CharField(max_length=64, help_text="Fingerprint of the code.")
    since = models.DateTimeField(help_text="The first full second after it was first seen.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="standing_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"version {self.version} since {self.since:%Y-%m-%d %H:%M:%S}"


class Page(models.Model):
    """The answer to one address as finished bytes, and what it was made from.

    It is fresh while the records have its version, the code its edition and the day its date: whoever reads
    it asks for all three, so that a page made before a change is never found after it.
    """

    path = models.TextField(unique=True)
    version = models.BigIntegerField(help_text="Version of the records before it was rendered.")
    edition = models.CharField(max_length=64, help_text="Fingerprint of the code that rendered it.")
    published_on = models.DateField(help_text="UTC day; some pages change with the day.")
    published_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="When it began to say what it says.")
    content_type = models.CharField(max_length=100)
    content_sha256 = models.CharField(
        max_length=64, help_text="Of what it says: the body without its day and the versions of its styles."
    )
    etag = models.CharField(max_length=64, help_text="Fingerprint of the body.")
    headers = models.JSONField(help_text="Pairs of name and value, as Django answered them.")
    identity = models.BinaryField()
    gzip = models.BinaryField()
    brotli = models.BinaryField()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(condition=Q(path__startswith="/"), name="page_path_starts_with_a_slash"),
            models.CheckConstraint(condition=~Q(etag=""), name="page_has_an_etag"),
        ]

    def __str__(self) -> str:
        return self.path


class StudyDocument(models.Model):
    """A published study as the API gives it, in finished JSON; lists and single entries are put together
    from it. It is fresh while the code has its edition and no change of the study is noted."""

    study_id = models.BigIntegerField(primary_key=True)
    edition = models.CharField(
        max_length=64, help_text="Fingerprint of the code that made it; empty: none yet."
    )
    entry = models.BinaryField(help_text="An object of the fields that a list gives.")
    parts = models.BinaryField(help_text="An object of what a single study has beside them, in full.")

    class Meta:
        indexes = [models.Index(fields=["edition"], name="study_document_edition")]

    def __str__(self) -> str:
        return f"document of study {self.study_id}"


class DocumentChange(models.Model):
    """That a transaction changed what a study's document is made of; gone when the document is made anew.

    Only ever inserted, so that no write waits for another one's end.
    """

    pk = models.CompositePrimaryKey("study_id", "xact")
    study_id = models.BigIntegerField()
    xact = models.BigIntegerField(help_text="Number of the transaction.")

    def __str__(self) -> str:
        return f"study {self.study_id} in transaction {self.xact}"


class PageCopy(models.Model):
    """What a page that people print said from a time on; a new one only where it says something else."""

    path = models.TextField()
    at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64, help_text="Of the body without the day that stands on it.")
    body = models.BinaryField(help_text="HTML, packed with Brotli.")

    class Meta:
        verbose_name_plural = "page copies"
        ordering = ["path", "-at"]
        constraints = [
            models.UniqueConstraint(fields=["path", "at"], name="page_copy_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(path__startswith="/"), name="page_copy_path_starts_with_a_slash"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} as of {self.at:%Y-%m-%d %H:%M}"


class PublishRun(models.Model):
    """One run over the addresses whose pages were stale, counted as it goes."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(help_text="Version of the records at the start of its last round.")
    n_stale = models.PositiveIntegerField(default=0, help_text="Pages to publish, as found so far.")
    n_published = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="", help_text="The last address that failed, and how.")

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.n_published} of {self.n_stale} pages, started {self.started_at:%Y-%m-%d %H:%M}"
