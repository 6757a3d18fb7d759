"""A site in German: its interface is German, its records stay English and are marked as such."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import polib
import pytest
from django.conf import settings
from django.utils.translation import override

from tests import make
from tests.messages import ROOT, find_catalogues, find_marked

GERMAN = ROOT / "locale/de/LC_MESSAGES/django.po"


@pytest.fixture
def german(settings):
    settings.LANGUAGE_CODE = "de"
    with override("de"):
        yield


def test_every_language_of_the_site_has_its_file():
    languages = {code for code, _ in settings.LANGUAGES} - {"en-gb"}
    assert languages == {path.parent.parent.name for path in find_catalogues()} == {"de"}


@pytest.mark.parametrize("path", find_catalogues(), ids=lambda path: path.parent.parent.name)
def test_every_marked_string_is_translated_and_nothing_else_is(path):
    catalogue = polib.pofile(str(path))
    translated = {entry.msgid for entry in catalogue.translated_entries()}
    marked = find_marked()
    assert len(marked) > 60
    missing = {text: sorted(marked[text]) for text in set(marked) - translated}
    assert not missing, f"translate these in {path.relative_to(ROOT)}: {missing}"
    assert translated <= set(marked), "run make messages"
    for entry in catalogue:
        assert set(re.findall(r"%\(\w+\)s", entry.msgid)) == set(re.findall(r"%\(\w+\)s", entry.msgstr))


@pytest.mark.parametrize("path", find_catalogues(), ids=lambda path: path.parent.parent.name)
def test_what_django_reads_is_made_of_the_file_that_people_read(path):
    compiled = {entry.msgid: entry.msgstr for entry in polib.mofile(str(path.with_suffix(".mo")))}
    assert compiled == {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))}, "run make messages"


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_a_german_site_has_a_german_interface_around_english_records(client):
    condition = make.make_condition(name="Fibromyalgia")
    home = client.get("/").content.decode()
    assert '<html lang="de">' in home
    assert '<main id="main" tabindex="-1" lang="de">' in home
    for words in (
        "Zum Inhalt springen",
        "Nebenwirkungen",
        "Ihre Krankheit finden",
        "Kein medizinischer Rat.",
    ):
        assert words in home
    assert re.search(r'<div class="columns" lang="en">.*Fibromyalgia', home, re.S)
    page = client.get(condition.get_absolute_url()).content.decode()
    assert '<main id="main" tabindex="-1" lang="en">' in page
    assert '<h2 id="references" lang="de">Literatur</h2>' in page
    assert condition.definition in page


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_the_script_of_the_search_box_says_what_the_page_tells_it(client):
    home = client.get("/").content.decode()
    assert 'data-none="Keine Vorschläge"' in home
    script = (ROOT / "static/js/suggest.js").read_text()
    assert set(re.findall(r"form\.dataset\.(\w+)", script)) <= set(re.findall(r"data-(\w+)=", home))
    assert not re.findall(r"""textContent = [^;]*["`][A-Za-z ]{3,}|aria-label", ["`]""", script)


@pytest.mark.django_db
def test_an_english_site_marks_no_piece_of_a_page(client):
    page = client.get(make.make_condition().get_absolute_url()).content.decode()
    assert re.findall(r' lang="([^"]*)"', page) == ["en-gb"]


@pytest.mark.django_db
@pytest.mark.usefixtures("german")
def test_numbers_and_places_in_pictures_keep_their_point(client):
    condition = make.make_condition()
    for number in range(2):
        study = make.make_study(conditions=[condition])
        make.make_arm(study, dose_mg="4.5", n=30 + number)
    german = client.get(condition.get_absolute_url()).content.decode()
    places = re.findall(r' (?:x|y|x1|x2|cx|cy|width|d|viewBox)="([^"]*)"', german)
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
