"""What follows from an editor's change, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from studies.domain.record import split_range
from studies.models import Dose, Outcome, Provenance, SideEffectReport, Study
from studies.services.citations import format_citations
from studies.services.following import follow_changes, follow_edit

# What the history says of a check; it ends the search for those who changed something since.
CHECKED = "Checked the study."

Number = Outcome | SideEffectReport


class EditError(ValueError):
    """An edit that is refused; the message is a sentence for the editor, with the mend."""


@dataclass(frozen=True)
class Check:
    """A check that no longer holds: who had checked the study, and when."""

    by: str
    on: date | None


@transaction.atomic
def after_study_edit(
    *,
    study: Study,
    editor: AbstractBaseUser,
    today: date,
    is_new: bool = False,
    changed_fields: Collection[str] = (),
    changed_numbers: Iterable[Number] = (),
    has_new_facts: bool = True,
) -> Check | None:
    """Do what follows when an editor has saved a study with its parts; return the check that was re-opened.

    Args:
        study: the saved study.
        editor: who changed it.
        today: the day to write down.
        is_new: the study was just entered; the editor is noted as the one who did.
        changed_fields: the study's fields that were changed.
        changed_numbers: outcomes and side effects that were changed.
        has_new_facts: False when nothing changed but the status, which re-opens no check.

    Raises django.db.IntegrityError, with the rule's name, when a rule that spans rows is broken.
    """
    if is_new and study.entered_by_id is None:
        study.entered_by = editor  # type: ignore[assignment]
        study.save(update_fields=["entered_by"])
    if not is_new:
        _disown(study, changed_fields, editor, today)
    _reopen_numbers(changed_numbers, editor, today)
    note_where_read(study=study, reader=editor, today=today)
    reopened = reopen_check(study=study) if has_new_facts and not is_new else None
    format_citations(studies=[study])
    check_rules_now()
    follow_changes(now=timezone.now())
    return reopened


@transaction.atomic
def after_part_edit(
    *, study: Study, editor: AbstractBaseUser, today: date, number: Number | None = None
) -> Check | None:
    """Do what follows when an editor has changed a dose, an outcome or a side effect on a page of its own.

    Returns the check that was re-opened; raises django.db.IntegrityError like after_study_edit.
    """
    _reopen_numbers([number] if number else [], editor, today)
    note_where_read(study=study, reader=editor, today=today)
    reopened = reopen_check(study=study)
    check_rules_now()
    follow_changes(now=timezone.now())
    return reopened


@transaction.atomic
def after_entry_edit() -> None:
    """Do what follows when studies were deleted, or another entry was changed that answers lean on.

    Raises django.db.IntegrityError like the others.
    """
    check_rules_now()
    follow_changes(now=timezone.now())


@transaction.atomic
def after_other_edit() -> None:
    """Do what follows when an entry was changed or deleted that no answer leans on.

    Raises django.db.IntegrityError like the others.
    """
    check_rules_now()
    follow_edit(now=timezone.now())


def read_range(*, dose: Dose) -> None:
    """Set both ends of a dose's range from its text, without saving."""
    dose.range_low_mg, dose.range_high_mg = split_range(dose.range_text)


@transaction.atomic
def note_where_read(*, study: Study, reader: AbstractBaseUser, today: date) -> int:
    """Note for each outcome and side effect without provenance that the reader took it from the sources.

    The source is named when the study has only one. Without any source nothing is noted, so that the
    database refuses to publish. Returns how many were noted.
    """
    sources = list(study.sources.all()[:2])
    if not sources:
        return 0
    source = sources[0] if len(sources) == 1 else None
    missing: list[dict[str, Any]] = [
        {"outcome": row} for row in study.outcomes.filter(provenance__isnull=True)
    ] + [{"side_effect_report": row} for row in study.side_effect_reports.filter(provenance__isnull=True)]
    noted = Provenance.objects.bulk_create(
        Provenance(study=study, source=source, read_by=reader.get_username(), read_on=today, **target)
        for target in missing
    )
    return len(noted)


@transaction.atomic
def reopen_check(*, study: Study) -> Check | None:
    """Take back a check because what was checked has changed; return it, or None when there was none."""
    if study.checked_by is None:
        return None
    check = Check(study.checked_by.get_username(), study.checked_on)
    study.checked_by = study.checked_on = None
    study.save(update_fields=["checked_by", "checked_on", "updated_at"])
    return check


@transaction.atomic
def mark_checked(*, study: Study, checker: AbstractBaseUser, today: date) -> None:
    """Note that a second person has checked a study against its sources.

    Raises EditError when it is checked already, or when the checker entered it or changed it since the last
    check.
    """
    study = Study.objects.select_for_update(of=("self",)).select_related("checked_by").get(pk=study.pk)
    if study.checked_by is not None:
        raise EditError(f"{study.key} was already checked by {study.checked_by} on {study.checked_on}.")
    if study.entered_by_id == checker.pk:
        raise EditError(f"You entered {study.key} yourself: ask a second person to check it.")
    if checker.pk in _changed_it_since_last_check(study):
        raise EditError(f"You have changed {study.key} yourself: ask a second person to check it.")
    study.checked_by, study.checked_on = checker, today  # type: ignore[assignment]
    study.save(update_fields=["checked_by", "checked_on", "updated_at"])
    log_on_study(study=study, user=checker, message=CHECKED)


def log_on_study(*, study: Study, user: AbstractBaseUser, message: str | list[Any]) -> None:
    """Write a line into the study's history in the admin."""
    LogEntry.objects.log_actions(
        user_id=user.pk, queryset=[study], action_flag=CHANGE, change_message=message, single_object=True
    )


def check_rules_now() -> None:
    """Ask the database at once for the rules that it checks at the end of a transaction.

    Raises django.db.IntegrityError here, where a form can still say what is wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def broken_rule(error: IntegrityError) -> str | None:
    """Return the name of the constraint that the database says was broken."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _disown(study: Study, fields: Collection[str], editor: AbstractBaseUser, today: date) -> None:
    """A field that a registry filled and an editor has changed is the editor's."""
    study.provenance.filter(field__in=fields, registry__isnull=False).update(
        registry=None,
        quote=None,
        read_by=editor.get_username(),
        read_on=today,
        checked_by=None,
        checked_on=None,
    )


def _reopen_numbers(numbers: Iterable[Number], editor: AbstractBaseUser, today: date) -> None:
    """A changed number was read by its editor and is checked by nobody."""
    for number in numbers:
        number.provenance.update(
            read_by=editor.get_username(), read_on=today, checked_by=None, checked_on=None
        )


def _changed_it_since_last_check(study: Study) -> set[int]:
    """Those whose changes nobody has checked yet, from the study's history."""
    entries = (
        LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Study),
            object_id=str(study.pk),
            action_flag__in=[ADDITION, CHANGE],
        )
        .exclude(change_message__in=["", "[]"])
        .order_by("-action_time", "-pk")
        .values_list("user_id", "change_message")
    )
    return {user_id for user_id, _ in _until_checked(list(entries))}


def _until_checked(entries: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    messages = [message for _, message in entries]
    return entries[: messages.index(CHECKED)] if CHECKED in messages else entries
