"""The scenes of scenes.yaml, and what is needed to play one: the stand-ins, the days, a reader, an editor."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock
from wsgiref.util import setup_testing_defaults

import time_machine
from django.core.wsgi import get_wsgi_application
from redis import Redis

from pages.front import FrontDoor
from pages.services.reading import Watcher
from studies import tasks
from studies.models import Study
from studies.services import refresh, trial_refresh
from studies.services.following import follow_changes
from studies.services.notices import recompute_status
from studies.services.registries import accept_edition, open_client
from studies.sources.answer import Edition
from studies.sources.patience import Limits
from studies.sources.registries import REGISTRIES
from studies.sources.standin import Papers, Standin, read_yaml, scenario_of
from tests import make
from tests.studies.sources.conftest import HeldClock

FILE = read_yaml(Path(__file__).with_name("scenes.yaml").read_text())
PAPER, ODD = FILE["papers"]
[TRIAL] = FILE["trials"]
FIRST_DAY = datetime(2031, 3, 3, 12, tzinfo=UTC)
# Whatever became of a question, by then it is asked again.
A_DAY_HERE = timedelta(days=31)
PAPER_REGISTRIES = [name for name, row in REGISTRIES.items() if not row.is_for_trials]
SOURCES = {
    **dict.fromkeys(PAPER_REGISTRIES, "publisher"),
    **{name: name for name in ("pubmed", "europepmc", "openalex")},
    "retraction_watch": "retraction-watch",
}
# So short that a test of a slow registry does not last; all else is as in earnest.
SLOW = Limits(connect=0.5, read=0.3, total=0.8, attempts=1)
FILLERS = 1_000


class Scene:
    """One scene as one registry plays it: what is said of a registry goes before what is said of all."""

    def __init__(self, part: str, name: str, registry: str) -> None:
        told = FILE[part][name]
        self.name, self.registry = name, registry
        self.said = {**told, **(told.get(registry) or {})}
        self.title = REGISTRIES[registry].title
        self.asked = told.get("asked") or [registry]
        about = {"paper": PAPER["doi"]} if part == "told" else {}
        events = (each for each in told["events"] if registry in each.get("registry", [registry]))
        self.events = [{**about, **each, "registry": registry} for each in events]

    def get(self, name: str, default: Any = None) -> Any:
        return self.said.get(name, default)

    @property
    def last_day(self) -> int:
        return max(event["day"] for event in self.events)


def every_told() -> list[tuple[str, str]]:
    """Each scene of what is said with each registry that says it."""
    return [(name, who) for name, told in FILE["told"].items() for who in told["by"]]


class World:
    """The stand-ins behind the settings, and what the tasks ask them about."""

    odd: Study

    def __init__(self, server: Standin, monkeypatch: Any) -> None:
        self.server, self._monkeypatch = server, monkeypatch
        self.study = make_study_of(PAPER)
        self.trial = make.make_trial(
            registry_id=TRIAL["registry_id"], title=TRIAL["title"], status="recruiting", completion="2030"
        )

    @contextmanager
    def on_day(self, day: int) -> Iterator[datetime]:
        """That day, for the registries and for us."""
        self.server.day = day
        moment = day_of(day)
        with time_machine.travel(moment):
            yield moment

    def ask(self, registry: str, limits: Limits | None = None) -> None:
        """What the timetable starts: the Celery task about all that is due, here without waiting."""
        clock = HeldClock(time.time(), []).as_clock()
        options = {"clock": clock, **({"limits": limits} if limits else {})}
        for module in (refresh, trial_refresh):
            self._monkeypatch.setattr(module, "open_client", partial(open_client, **options))
        task, names = tasks.refresh_registry, [registry]
        if REGISTRIES[registry].is_for_trials:
            task, names = tasks.refresh_due_trials, []
        task.apply(args=names, throw=True)


def make_study_of(paper: dict[str, Any]) -> Study:
    return make.make_study(**{name: paper[name] for name in ("title", "year", "authors", "doi", "pmid")})


def day_of(day: int) -> datetime:
    return FIRST_DAY + day * A_DAY_HERE


def answered_before(world: World, registries: Iterable[str], at: datetime) -> None:
    """On an earlier day all have described two papers and the trial, and reported a retraction."""
    world.odd = make_study_of(ODD)
    times = {"asked_at": at, "answered_at": at, "found_at": at, "next_check_at": at}
    for registry in registries:
        for study in (world.study, world.odd):
            study.registry_checks.create(registry=registry, answer="found", **times)
        given = {"kind": "retraction", "dated_on": "2024-02-03", "first_seen_at": at}
        world.study.notices.create(registry=registry, **given)
    accept_edition(registry="retraction_watch", edition=Edition("old", FILLERS), now=at)
    world.trial.registry_answer, world.trial.registry_asked_at = "found", at
    world.trial.registry_answered_at = world.trial.next_check_at = at
    world.trial.save()
    recompute_status(study=world.study)
    follow_changes(now=at)


@contextmanager
def playing_all(scenes: Iterable[Scene], settings: Any, monkeypatch: Any) -> Iterator[World]:
    """The stand-ins play the scenes, and the settings name their addresses."""
    settings.CONTACT_EMAIL = "editor@kb.example"
    redis = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter("bucket:*"):
        redis.delete(key)
    events = [event for scene in scenes for event in scene.events]
    scenario = scenario_of({"papers": FILE["papers"], "trials": FILE["trials"], "events": events})
    with Standin(Papers(filler_rows=FILLERS), scenario=scenario) as server:
        for name, address in server.settings.items():
            setattr(settings, name, address)
        yield World(server, monkeypatch)


class Unwatched(Watcher):
    """Nobody listens for writes, so that every reader's page is looked for in the database."""

    def start(self) -> None:
        pass


def read(address: str) -> str:
    """The words of a page as a reader without cookies is sent it, through the front door."""
    door = FrontDoor(get_wsgi_application(), memory_bytes=0)
    door.watcher = Unwatched()
    environ: dict[str, Any] = {"PATH_INFO": address, "HTTP_HOST": "testserver"}
    setup_testing_defaults(environ)
    sent: dict[str, Any] = {}
    # As Django's own test client: the test's transaction is not to be ended by a reader.
    with mock.patch("pages.front.close_old_connections"):
        body = b"".join(door(environ, lambda status, headers: sent.update(status=status, **dict(headers))))
    door.connections._close()
    assert sent["status"] == "200 OK"
    assert "ETag" in sent, "not a published page"
    return words_of(body.decode())


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", page).replace("&amp;", "&").split())


def row_of(study: Study) -> dict[str, Any]:
    """All that stands in a study's row, but for when it was last written."""
    [row] = Study.objects.filter(pk=study.pk).values()
    return {name: value for name, value in row.items() if name != "updated_at"}


def in_words(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
