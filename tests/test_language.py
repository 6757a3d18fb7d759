"""A site in German: its interface is German, its records stay English and are marked as such."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import polib
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from pages.models import Page
from pages.services.publishing import publish
from studies.services.speech import READERS
from tests import make
from tests.labels import Message
from tests.messages import ROOT, find_catalogues, find_marked, message_of, translations_of

CATALOGUES = pytest.mark.parametrize("path", find_catalogues(), ids=lambda path: path.parent.parent.name)
PLACES = re.compile(r"%\(\w+\)s|%%")


@pytest.fixture
def german(settings):
    settings.LANGUAGE_CODE = "de"
    with override("de"):
        yield


def test_every_language_of_the_site_has_its_file():
    languages = {code for code, _ in settings.LANGUAGES} - {"en-gb"}
    assert languages == {path.parent.parent.name for path in find_catalogues()} == {"de"}


@CATALOGUES
def test_every_text_is_translated_and_nothing_else_is(path):
    catalogue, marked = polib.pofile(str(path)), find_marked()
    assert len(marked) > 1200
    missing = {
        message.text: sorted(marked[message]) for message in set(marked) - set(map(message_of, catalogue))
    }
    assert not missing, f"run make messages, then translate these in {path.relative_to(ROOT)}: {missing}"
    assert set(map(message_of, catalogue)) <= set(marked), "run make messages"
    assert not [entry.msgid for entry in catalogue if not all(translations_of(entry))]
    assert not catalogue.fuzzy_entries()
    assert not catalogue.obsolete_entries()


@CATALOGUES
def test_the_file_says_where_each_text_stands(path):
    marked = find_marked()
    for entry in polib.pofile(str(path)):
        places = {place for place, _ in entry.occurrences}
        assert places == marked[message_of(entry)], f"run make messages: {entry.msgid}"


@CATALOGUES
def test_every_translation_has_the_places_of_its_text(path):
    for entry in polib.pofile(str(path)):
        originals = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]
        for original, translation in zip(originals, translations_of(entry), strict=True):
            assert Counter(PLACES.findall(original)) == Counter(PLACES.findall(translation)), original
            assert re.findall(r"</?\w+", original) == re.findall(r"</?\w+", translation), original
            assert re.findall(r"""href="[^"]*"|id="[^"]*\"""", original) == re.findall(
                r"""href="[^"]*"|id="[^"]*\"""", translation
            )
            assert original[:1].isspace() == translation[:1].isspace(), original


def test_a_text_is_found_in_templates_in_code_and_in_tables():
    marked = find_marked()
    assert marked[Message("Skip to the content")] == {"templates/base.html"}
    assert marked[Message("%(n)s study", "%(n)s studies")]
    assert marked[Message("%(weeks)s week", "%(weeks)s weeks")] == {"studies/domain/dosing.py"}
    assert "studies/domain/vocabulary.py" in marked[Message("Cohort study")]
    assert marked[Message("Cohort study", context="within a sentence")]


@CATALOGUES
def test_what_django_reads_is_made_of_the_file_that_people_read(path):
    compiled = {
        message_of(entry): translations_of(entry) for entry in polib.mofile(str(path.with_suffix(".mo")))
    }
    assert compiled == {message_of(entry): translations_of(entry) for entry in polib.pofile(str(path))}, (
        "run make messages"
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_a_german_site_has_a_german_interface_around_english_records(client):
    condition = make.make_condition(name="Fibromyalgia")
    home = client.get("/").content.decode()
    assert '<html lang="de">' in home
    assert '<main id="main" tabindex="-1">' in home
    for words in (
        "Zum Inhalt springen",
        "Nebenwirkungen",
        "Ihre Krankheit finden",
        "Kein medizinischer Rat.",
    ):
        assert words in home
    assert re.search(r'<ul lang="en">.*Fibromyalgia', home, re.S)
    page = client.get(condition.get_absolute_url()).content.decode()
    assert '<h2 id="references">Literatur</h2>' in page
    assert '<h1><span lang="en">Fibromyalgia</span> und <span class="whole">niedrig</span> dosiertes' in page
    assert f'<p class="lead" lang="en">{condition.definition}</p>' in page


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_counts_numbers_and_dates_are_written_as_german_writes_them(client):
    condition = make.make_condition()
    study = make.make_study(conditions=[condition], design="rct_parallel", n_enrolled=31)
    make.make_arm(study, dose_mg="4.5", n=31)
    page = client.get(condition.get_absolute_url()).content.decode()
    assert "wurde hierzu in 1 randomisierten Studie mit 31 aufgenommenen Personen geprüft" in page
    assert "4,5 mg am Tag" in page
    assert READERS.percent("12.5") == "12,5 %"
    assert re.search(r"zuletzt am \d{1,2}\. [A-Z]\w+ \d{4} ", page)


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_what_programs_are_told_stays_english(client):
    study = make.make_study(design="rct_parallel")
    make.make_arm(study, dose_mg="4.5", n=31)
    facts = client.get(f"/api/v1/studies/{study.key}/").json()
    assert facts["arms"][0]["dose"]["in_words"] == "4.5 mg a day"


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_a_german_page_is_published_and_published_anew_after_a_write():
    study = make.make_study(conclusion="It helped.")
    path, now = study.get_absolute_url(), datetime.now(UTC)
    first = publish(path=path, now=now)
    assert "Was sie taten und fanden" in bytes(first.identity).decode()
    study.conclusion = "It did not help."
    study.save()
    publish(path=path, now=now)
    stored = bytes(Page.objects.get(path=path).identity).decode()
    assert "It did not help." in stored
    assert "Zum Inhalt springen" in stored


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("path", ["/", "/reading-list/", "/studies/aaa2020/"])
def test_scripts_say_what_the_page_tells_them(client, path):
    make.make_study(key="aaa2020", citation_html="Aaa A. A paper.")
    page = client.get(path).content.decode()
    told = set(re.findall(r"data-([\w-]+)=", page))
    for name in re.findall(r"js/(\w+)(?:\.\w+)?\.js", page):
        script = (ROOT / f"static/js/{name}.js").read_text()
        asked = {
            re.sub(r"([A-Z])", lambda m: f"-{m[1].lower()}", key)
            for key in re.findall(r"(?:form|said)\.dataset\.(\w+)", script)
        }
        if path != "/studies/aaa2020/" or name != "reading_list":
            assert asked - told <= ({"full", "kept", "refused"} if path == "/reading-list/" else set()), name
        assert not re.findall(r"""textContent = [^;]*["`][A-Za-z ]{3,}|aria-label", ["`]""", script)


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_a_form_that_is_not_sent_says_why_in_german(client):
    answer = client.post("/problem/", {"page": "/nowhere/", "words": "x", "website": ""})
    assert answer.status_code == 400
    page = answer.content.decode()
    for words in ("Adresse der Seite", "Diese Website hat keine solche Seite", "Schreiben Sie etwas mehr"):
        assert words in page
    assert render_to_string("500.html").startswith('<!doctype html><html lang="de">')


@pytest.mark.django_db
def test_an_english_site_marks_no_piece_of_a_page(client):
    page = client.get(make.make_condition().get_absolute_url()).content.decode()
    assert re.findall(r' lang="([^"]*)"', page) == ["en-gb"]


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_places_in_pictures_keep_their_point(client):
    condition = make.make_condition()
    for number in range(2):
        study = make.make_study(conditions=[condition])
        make.make_arm(study, dose_mg="4.5", n=30 + number)
    german = client.get(condition.get_absolute_url()).content.decode()
    places = re.findall(r' (?:x|y|x1|x2|y1|y2|cx|cy|r|width|height|d|viewBox|transform)="([^"]*)"', german)
    assert any("." in place for place in places)
    assert not [place for place in places if re.search(r"\d,\d", place)]


def test_the_language_is_a_setting_that_is_checked_and_makes_pages_stale():
    script = (
        "import django; django.setup(); from django.conf import settings; "
        "from pages.services.edition import read_edition; print(settings.LANGUAGE_CODE, read_edition())"
    )

    def start(language: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "LANGUAGE_CODE": language, "DJANGO_SETTINGS_MODULE": "ldn_kb.settings"}
        return subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True
        )

    english, german = start("en-gb").stdout.split(), start("de").stdout.split()
    assert (english[0], german[0]) == ("en-gb", "de")
    assert english[1] != german[1]
    refused = start("tlh")
    assert refused.returncode == 2
    assert "LANGUAGE_CODE" in refused.stderr
