"""Each thing that registries say, through the Celery task to the page that is read, and to the editors."""

from __future__ import annotations

import pytest

from studies.models import EditorTask
from studies.sources.registries import REGISTRIES
from tests.studies.admin_world import sign_in
from tests.studies.scenes import (
    FILE,
    PAPER_REGISTRIES,
    SOURCES,
    Scene,
    World,
    day_of,
    every_told,
    in_words,
    playing_all,
    read,
    words_of,
)

pytestmark = pytest.mark.django_db

# The paths that must be played. A new one is added here and in scenes.yaml, or the first test says so.
TOLD = {
    *("retraction", "concern", "correction", "reinstatement", "retract-and-republish", "notice"),
    *("vanished record", "vanished notice", "disagreement", "unknown type", "names itself"),
}
# Each of them can say so, and must be played doing it.
MUST_SAY = {"retraction", "concern", "correction", "retract-and-republish", "unknown type"}


def test_every_path_has_a_scene_and_every_scene_is_a_path():
    assert set(FILE["told"]) == TOLD
    for name in MUST_SAY:
        assert set(FILE["told"][name]["by"]) >= {"crossref", "pubmed", "europepmc", "retraction_watch"}


@pytest.mark.parametrize(("name", "who"), every_told())
def test_what_a_registry_says_reaches_the_page(name, who, settings, monkeypatch):
    scene = Scene("told", name, who)
    with playing_all([scene], settings, monkeypatch) as world:
        _play_told(scene, world)


def _play_told(scene: Scene, world: World) -> None:
    for day in range(scene.last_day + 1):
        with world.on_day(day) as today:
            for name in scene.asked:
                world.ask(name)
    with world.on_day(scene.last_day):
        page = read(world.study.get_absolute_url())
    heading = scene.get("heading")
    for notice in scene.get("notices", []):
        line = f"{notice['words']} (reported by {scene.title}, source {SOURCES[scene.registry]})"
        assert heading in page[: page.index(notice["words"])]
        assert line in page
    assert page.count("(reported by") == len(scene.get("notices", []))
    says = {
        "title": scene.title,
        "today": in_words(today),
        "before": f"{day_of(scene.last_day - 1):%Y-%m-%d}",
    }
    assert scene.get("ledger", _ledger(scene)).format(**says) in page
    for words in scene.get("page", []):
        assert words in page
    _check_rows(scene, world)
    _check_tasks(scene, world, says)


def _ledger(scene: Scene) -> str:
    n = len(scene.get("notices", []))
    told = {0: "no notice", 1: "1 notice, see above"}.get(n, f"{n} notices, see above")
    return f"status checked on {{today}} in 1 of 5 registries: {told}"


def _check_rows(scene: Scene, world: World) -> None:
    world.study.refresh_from_db()
    assert world.study.publication_status == scene.get("status")
    stored = world.study.notices.values_list("registry", "kind", "dated_on")
    told = {(scene.registry, each["kind"], each.get("on")) for each in scene.get("notices", [])}
    assert set(stored) == told
    check = world.study.registry_checks.get(registry=scene.registry)
    assert (check.answer, check.failures) == (scene.get("answer", "found"), 0)
    assert world.study.journal in (None, "Journal of tests")


def _check_tasks(scene: Scene, world: World, says: dict[str, str]) -> None:
    opened = {task.kind: task for task in EditorTask.objects.filter(study=world.study)}
    assert opened.keys() == scene.get("tasks", {}).keys()
    silent = [name for name in sorted(PAPER_REGISTRIES) if name not in (scene.registry, "retraction_watch")]
    says["others"] = ", ".join(REGISTRIES[name].title for name in silent)
    page = words_of(sign_in("ada", group="Editors").get("/admin/studies/editortask/").content.decode())
    for kind, words in scene.get("tasks", {}).items():
        assert words.format(**says) in opened[kind].detail
        assert opened[kind].detail[:60] in page
