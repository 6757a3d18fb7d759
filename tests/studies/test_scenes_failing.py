"""Each way in which registries fail, through the Celery task to the page that is read, and to the editors."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from studies.models import EditorTask, RefreshRun
from studies.services.refresh import describe_registries
from studies.sources.registries import REGISTRIES
from tests.studies.admin_world import sign_in
from tests.studies.scenes import (
    FILE,
    PAPER_REGISTRIES,
    SLOW,
    Scene,
    World,
    answered_before,
    day_of,
    in_words,
    playing_all,
    read,
    row_of,
    words_of,
)

pytestmark = pytest.mark.django_db

# The paths that must be played. A new one is added here and in scenes.yaml, or the first test says so.
FAILING = {
    *(403, 404, 410, "429 with seconds", "429 with a date", "429 with none", 503, "503 with seconds"),
    *("time-out", "time-out mid-body", "slow drip", "break off", "HTML", "empty 200", "error inside 200"),
    *("cut JSON", "wrong charset", "gzip lie", "gzip bomb", "200 MB body", "redirect loop"),
    *("redirect elsewhere", "renamed field", "shrunken file"),
}
# No answer is taken into memory beyond this, whatever its length.
MOST_MEMORY = 80_000_000
# A registry that drips or falls silent is given up long before it ends: here it would be ten minutes.
MOST_SECONDS = 90


def test_every_path_has_a_scene_and_every_scene_is_a_path():
    assert set(FILE["failing"]) == FAILING
    assert all("by" not in told or name == "shrunken file" for name, told in FILE["failing"].items())


@pytest.mark.parametrize("name", FILE["failing"], ids=str)
def test_a_failure_of_all_six_is_seen_and_blanks_and_lifts_nothing(name, settings, monkeypatch):
    scenes = {who: Scene("failing", name, who) for who in FILE["failing"][name].get("by", REGISTRIES)}
    papers = [who for who in scenes if who in PAPER_REGISTRIES]
    with playing_all(scenes.values(), settings, monkeypatch) as world:
        first, second = day_of(0), day_of(1)
        answered_before(world, papers, first)
        before = row_of(world.study)
        with world.on_day(1), bounded(memory=any(scene.get("is_big") for scene in scenes.values())):
            for who, scene in scenes.items():
                world.ask(who, SLOW if scene.get("is_slow") else None)
            page = read(world.study.get_absolute_url())
            about_odd, about_trial = read(world.odd.get_absolute_url()), read(world.trial.get_absolute_url())
        assert row_of(world.study) == before
        assert "Retraction, 3 February 2024" in page
        assert "no notice" not in page
        for who in papers:
            down = (
                f"{scenes[who].title} not reachable since {in_words(second)}, last answer {in_words(first)}"
            )
            assert down in page
            _check_failure(scenes[who], world, second)
            _check_odd(scenes[who], world, about_odd, down)
        if "clinicaltrials" in scenes:
            _check_trial(scenes["clinicaltrials"], world, about_trial)
        _check_editors_see(scenes, papers)


def _check_failure(scene: Scene, world: World, day) -> None:
    check = world.study.registry_checks.get(registry=scene.registry)
    assert (check.answer, check.failures) == ("failed", 1)
    assert scene.get("reason") in check.detail
    if again := scene.get("again"):
        assert timedelta(0) <= check.next_check_at - day - timedelta(seconds=again) < timedelta(seconds=30)
    run = RefreshRun.objects.filter(registry=scene.registry).latest("pk")
    assert scene.get("reason") in run.error
    assert "editor@kb.example" not in run.error + run.error_body + check.detail


def _check_odd(scene: Scene, world: World, page: str, down: str) -> None:
    """The paper that some registries can be asked about only alone, where a 404 is an answer."""
    check = world.odd.registry_checks.get(registry=scene.registry)
    if scene.registry in scene.get("alone", []):
        assert check.answer == "unknown"
        assert f"{scene.title} does not know the paper" in page
        vanished = EditorTask.objects.get(study=world.odd, registry=scene.registry)
        assert vanished.kind == "vanished"
    else:
        assert check.answer == "failed" or check.asked_at < day_of(1)
        assert down in page or check.asked_at < day_of(1)


def _check_trial(scene: Scene, world: World, page: str) -> None:
    world.trial.refresh_from_db()
    assert (world.trial.status, world.trial.completion) == ("recruiting", "2030")
    if scene.registry in scene.get("alone", []):
        assert world.trial.registry_answer == "unknown"
        assert f"last answer on {in_words(day_of(1))}: it does not know this number" in page
        return
    assert world.trial.registry_answer == "failed"
    assert scene.get("reason") in world.trial.registry_detail
    assert f"last answer on {in_words(day_of(0))}; not reachable on {in_words(day_of(1))}" in page
    assert describe_registries()["clinicaltrials"]["state"] == "failing"


def _check_editors_see(scenes: dict[str, Scene], papers: list[str]) -> None:
    editor = sign_in("ada", group="Editors")
    board = words_of(editor.get("/admin/studies/refreshrun/").content.decode())
    for who in papers:
        assert f"{scenes[who].title}: failing" in board
        assert scenes[who].get("reason") in board
    about_no_study = [task.kind for task in EditorTask.objects.filter(study=None)]
    assert about_no_study == (["shrunken file"] if list(scenes) == ["retraction_watch"] else [])


@contextmanager
def bounded(*, memory: bool) -> Iterator[None]:
    """No answer takes time without end, however slowly it comes; nor memory, which is costly to watch."""
    began = time.monotonic()
    if memory:
        tracemalloc.start()
    try:
        yield
        assert not memory or tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < MOST_SECONDS


def test_when_all_answer_again_the_page_says_so(settings, monkeypatch):
    scenes = {who: Scene("failing", 503, who) for who in REGISTRIES}
    with playing_all(scenes.values(), settings, monkeypatch) as world:
        answered_before(world, PAPER_REGISTRIES, day_of(0))
        for day in (1, 2):
            with world.on_day(day) as today:
                for who in scenes:
                    world.ask(who)
                pages = [read(each.get_absolute_url()) for each in (world.study, world.trial)]
        assert "not reachable" not in "".join(pages)
        assert f"status checked on {in_words(today)} in 5 of 5 registries: 5 notices, see above" in pages[0]
        assert f"last answer on {in_words(today)}" in pages[1]
