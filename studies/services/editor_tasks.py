"""Tasks for editors: opened where an answer is written down, closed by a person with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.timezone import localdate

from studies.domain.bibliography import NoticeFacts
from studies.models import EditorTask, Notice, Registry, RegistryCheck, Study
from studies.sources.registries import REGISTRIES

Kind, State = EditorTask.Kind, EditorTask.State


class EditorTaskError(ValueError):
    """A closing that is refused; the message is a sentence for the editor, with the mend."""


@transaction.atomic
def open_task(
    *, kind: str, detail: str, now: datetime, study: Study | None = None, registry: str = ""
) -> bool:
    """Put a question before the editors; True when it was opened.

    An open one of the kind takes up the new detail. One that a person closed does not come back until
    something else is seen.
    """
    same = EditorTask.objects.filter(kind=kind, study=study, registry=registry)
    last = same.order_by("-opened_at", "-pk").first()
    if last and last.detail == detail:
        return False
    if last and last.state == State.OPEN:
        last.detail = detail
        last.save(update_fields=["detail"])
        return False
    _, is_new = EditorTask.objects.get_or_create(
        kind=kind,
        study=study,
        registry=registry,
        state=State.OPEN,
        defaults={"detail": detail, "opened_at": now},
    )
    return is_new


@transaction.atomic
def close_task(*, task: EditorTask, editor: AbstractBaseUser, reason: str, now: datetime) -> None:
    """Close a task with the editor's reason. Raises EditorTaskError without one, or when it is done."""
    if not reason.strip():
        raise EditorTaskError("closed because: say what was found, and what was done about it.")
    row = EditorTask.objects.select_for_update().get(pk=task.pk)
    if row.state == State.DONE:
        raise EditorTaskError(f"{row.closed_by} has closed this task already: {row.closed_because}")
    row.state, row.closed_at, row.closed_because = State.DONE, now, reason.strip()
    row.closed_by = editor  # type: ignore[assignment]
    row.save()


def open_tasks_of_status(*, study: Study, now: datetime) -> None:
    """Ask the editors about notices that no rule understands and about registries that disagree.

    Call in the transaction that wrote the answer.
    """
    standing = list(study.notices.filter(dismissed_by__isnull=True).order_by("pk"))
    unclear = {n.registry for n in standing if n.kind == Notice.Kind.UNKNOWN}
    if study.is_gone:
        # OpenAlex says no more than "retracted": of a paper that is, by a dated notice, that is no question.
        unclear.discard(Registry.OPENALEX)
    for registry in sorted(unclear):
        words = sorted({n.raw_kind for n in standing if n.registry == registry and n.kind == "unknown"})
        detail = f"{_title(registry)} reports “{'”, “'.join(words)}”, which no rule understands."
        open_task(kind=Kind.UNKNOWN_NOTICE, study=study, registry=registry, detail=detail, now=now)
    reporting, silent = registries_apart(study)
    if reporting and silent:
        says = ", ".join(f"{_title(name)}: {', '.join(kinds)}" for name, kinds in sorted(reporting.items()))
        detail = f"{says}. {', '.join(map(_title, silent))}: no such notice."
        open_task(kind=Kind.DISAGREEMENT, study=study, detail=detail, now=now)


def registries_apart(study: Study) -> tuple[dict[str, list[str]], list[str]]:
    """Registries that report more than a correction, with what, and those that know the paper and do not.

    Nobody is silent about what it has no word for.
    """
    grave = ("retraction", "retraction and republication", "withdrawal", "concern", "unknown")
    standing = study.notices.filter(kind__in=grave, dismissed_by__isnull=True)
    reporting: dict[str, list[str]] = {}
    for registry, kind in standing.order_by("registry", "kind").values_list("registry", "kind").distinct():
        reporting.setdefault(registry, []).append(kind)
    knowing = study.registry_checks.filter(answer="found").order_by("registry")
    names = [name for name in knowing.values_list("registry", flat=True) if name not in reporting]
    if {kind for kinds in reporting.values() for kind in kinds} == {Notice.Kind.CONCERN}:
        names = [name for name in names if REGISTRIES[name].tells_concerns]
    return reporting, names


def open_task_of_identity(*, study: Study, check: RegistryCheck, now: datetime) -> None:
    """Ask the editors about an identifier under which the registry has another paper."""
    registry = check.registry
    open_task(kind=Kind.IDENTITY, study=study, registry=registry, detail=check.detail, now=now)


def open_task_of_vanished_paper(*, study: Study, check: RegistryCheck, now: datetime) -> None:
    """Ask the editors about a paper that the registry described before and does not describe any more.

    It does not know the paper, or answers for another one, with which it may have merged this one.
    """
    if check.found_at:
        until = f"{_title(check.registry)} described this paper until {localdate(check.found_at):%Y-%m-%d}"
        is_unknown = check.answer == RegistryCheck.Answer.UNKNOWN
        detail = f"{until} and does not know it now." if is_unknown else f"{until}. {check.detail}."
        open_task(kind=Kind.VANISHED, study=study, registry=check.registry, detail=detail, now=now)


def open_task_of_vanished_notices(
    *, study: Study, registry: str, reported: Iterable[NoticeFacts], now: datetime
) -> None:
    """Ask the editors about stored notices that the registry's answer does not carry any more."""
    told = {(n.kind, n.notice_doi or "", n.notice_pmid, n.date) for n in reported}
    stored = study.notices.filter(registry=registry, dismissed_by__isnull=True).order_by("pk")
    gone = [n for n in stored if (n.kind, n.notice_doi, n.notice_pmid, n.dated_on) not in told]
    if gone:
        said = ", ".join(f"{n.kind} {n.dated_on or n.date_text}".strip() for n in gone)
        detail = f"{_title(registry)} does not report any more: {said}. The status stands."
        open_task(kind=Kind.VANISHED, study=study, registry=registry, detail=detail, now=now)


def _title(registry: str) -> str:
    return str(Registry(registry).label)
