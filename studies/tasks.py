"""What runs in the background: a few lines each over the services."""

from __future__ import annotations

from celery import Task, shared_task
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.utils import timezone

from studies.services.claims import seconds_to_wait
from studies.services.discovery import discover
from studies.services.import_progress import telling_progress
from studies.services.imports import read_import, save_import, waiting_imports
from studies.services.pruning import prune_bodies, prune_runs
from studies.services.refresh import refresh
from studies.services.registries import paper_registries
from studies.services.runs import note_look
from studies.services.trial_refresh import NAME as TRIALS
from studies.services.trial_refresh import refresh_trials, seconds_to_wait_for_trials

HEARTBEAT_KEY = "ldn-kb:heartbeat"
# Whoever asks later than this after the agreed time leaves it to the timetable.
STALE_SECONDS = 10 * 60


@shared_task
def record_heartbeat() -> None:
    """Shows that timetable, broker and worker are alive."""
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), timeout=None)


def _look_again(task: Task, arguments: list[str], registry: str, seconds: float | None) -> None:
    """Agree on one look when the waiting is over: one is enough, however many workers ask at once."""
    if seconds is not None and cache.add(f"ldn-kb:again:{registry}", True, timeout=seconds):
        task.apply_async(arguments, countdown=seconds, expires=seconds + STALE_SECONDS)


@shared_task
def refresh_due_citations() -> None:
    """Give each registry its own task, so that one that is down holds up no other."""
    for registry in paper_registries():
        refresh_registry.delay(registry)


@shared_task
def refresh_registry(registry: str) -> None:
    """Ask one registry about every paper that is due, and again when those that must wait may be asked."""
    refresh(registry=registry, now=timezone.now())
    note_look(registry=registry, now=timezone.now())
    seconds = seconds_to_wait(registry=registry, now=timezone.now())
    _look_again(refresh_registry, [registry], registry, seconds)


@shared_task
def refresh_studies(keys: list[str], registries: list[str] | None = None) -> None:
    """Ask about these studies now, due or not."""
    for registry in registries or paper_registries():
        refresh(registry=registry, now=timezone.now(), keys=keys)


@shared_task
def refresh_due_trials() -> None:
    """Ask ClinicalTrials.gov about every registered trial whose week is over."""
    refresh_trials(now=timezone.now())
    note_look(registry=TRIALS, now=timezone.now())
    _look_again(refresh_due_trials, [], TRIALS, seconds_to_wait_for_trials(now=timezone.now()))


@shared_task
def discover_studies() -> None:
    """Put the saved searches whose week is over to PubMed and ClinicalTrials.gov."""
    discover(now=timezone.now())


@shared_task
def read_citation_import(pk: int) -> None:
    """Read a file that an editor has stored, and tell how far it is."""
    with telling_progress(pk=pk, doing="reading") as tell:
        read_import(pk=pk, now=timezone.now(), on_progress=tell)


@shared_task
def read_waiting_imports() -> None:
    """Read the files whose own task was lost. One that a worker is reading just now is waited for."""
    for pk in waiting_imports(now=timezone.now()):
        read_citation_import(pk)


@shared_task
def save_citation_import(pk: int, editor: int | None = None) -> None:
    """Save the new entries of an import as drafts, and tell how far it is."""
    user = get_user_model().objects.filter(pk=editor).first() if editor else None
    with telling_progress(pk=pk, doing="saving") as tell:
        save_import(pk=pk, now=timezone.now(), editor=user, on_progress=tell)


@shared_task
def prune_registry_bodies() -> None:
    """Empty what registries sent long ago, of which hash and dates stay, and drop the runs of then."""
    prune_bodies(now=timezone.now())
    prune_runs(now=timezone.now())
