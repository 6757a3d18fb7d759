"""Styles and scripts have names by their content: asked for once, and never gone while a page names them."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import get_finder
from django.template import engines

from pages.services import edition, static_files
from pages.services.static_files import HASHED, KEEP, HashedNames, collect_static

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
MARKED = re.compile(r"{% static ['\"]([^'\"]+)['\"] %}")


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("site") / "static"
    collect_static(root=root, now=NOW)
    return root


@pytest.fixture
def two_files(tmp_path, settings) -> Iterator[tuple[Path, Path]]:
    """A site with a style that shows a picture; where its files lie, and where they are collected."""
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (ours / "look.css").write_text("p { background: url(dot.svg) }")
    settings.STATICFILES_DIRS = [ours]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    get_finder.cache_clear()
    yield ours, tmp_path / "static"
    get_finder.cache_clear()


def names(root: Path, name: str) -> list[str]:
    """The names by content under which a file lies there."""
    found = (path.name for path in root.iterdir() if HASHED.match(path.name))
    return sorted(found_name for found_name in found if HASHED.sub(r"\g<stem>\g<suffix>", found_name) == name)


def address(root: Path, name: str) -> str:
    return HashedNames(location=root).url(name)


def test_every_file_that_a_template_names_lies_there_in_three_codings(collected):
    templates = [*Path(settings.BASE_DIR, "templates").rglob("*.html")]
    named = {name for path in templates for name in MARKED.findall(path.read_text())}
    assert len(named) > 9
    for name in named:
        path = collected / address(collected, name).removeprefix("/static/")
        assert HASHED.match(path.name), name
        content = path.read_bytes()
        assert brotli.decompress(Path(f"{path}.br").read_bytes()) == content
        assert gzip.decompress(Path(f"{path}.gz").read_bytes()) == content
        assert (collected / name).exists()


def test_a_style_names_its_pictures_by_their_content_too(two_files):
    ours, root = two_files
    collect_static(root=root, now=NOW)
    [style], [picture] = names(root, "look.css"), names(root, "dot.svg")
    assert f'url("{picture}")' in (root / style).read_text()
    (ours / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>")
    collect_static(root=root, now=NOW)
    assert len(names(root, "look.css")) == len(names(root, "dot.svg")) == 2


def test_what_was_replaced_stays_for_as_long_as_pages_may_name_it(two_files):
    ours, root = two_files
    collect_static(root=root, now=NOW)
    [old] = names(root, "look.css")
    (ours / "look.css").write_text("p { color: red }")
    a_year_later = NOW + timedelta(days=365)  # it was in use until then
    done = collect_static(root=root, now=a_year_later)
    assert (done.n_new, done.n_removed) == (1, 0)
    assert old in names(root, "look.css")
    collect_static(root=root, now=a_year_later + KEEP - timedelta(days=1))
    assert old in names(root, "look.css")
    assert collect_static(root=root, now=a_year_later + KEEP + timedelta(days=1)).n_removed == 1
    [new] = names(root, "look.css")
    assert new != old
    assert not Path(root, f"{old}.br").exists()
    assert Path(root, f"{new}.br").exists()


def test_an_older_version_that_comes_back_is_served_whatever_the_dates_of_its_files(two_files):
    ours, root = two_files
    collect_static(root=root, now=NOW)
    first = address(root, "look.css")
    (ours / "look.css").write_text("p { color: red }")
    collect_static(root=root, now=NOW)
    (ours / "look.css").write_text("p { background: url(dot.svg) }")
    os.utime(ours / "look.css", (0, 0))
    collect_static(root=root, now=NOW)
    assert address(root, "look.css") == first
    assert (root / "look.css").read_text() == "p { background: url(dot.svg) }"


def test_a_style_that_shows_what_does_not_exist_stops_the_collection_and_leaves_the_site_as_it_was(two_files):
    ours, root = two_files
    collect_static(root=root, now=NOW)
    before = address(root, "look.css")
    (ours / "look.css").write_text("p { background: url(gone.svg) }")
    with pytest.raises(ValueError, match=r"look\.css.*gone\.svg"):
        collect_static(root=root, now=NOW)
    assert address(root, "look.css") == before
    assert {path.name for path in root.iterdir() if path.is_dir()} == set()


@pytest.fixture
def hashed(collected, monkeypatch) -> HashedNames:
    """The collected names, as the templates of this process use them."""
    storage = HashedNames(location=collected)
    monkeypatch.setattr(static_files.staticfiles_storage, "_wrapped", storage)
    return storage


@pytest.mark.django_db
def test_a_page_names_files_by_their_content(client, hashed):
    page = client.get("/nowhere/").content.decode()
    named = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    assert len(named) > 5
    assert all(HASHED.match(name) for name in named)


def test_other_names_make_every_page_stale(hashed, monkeypatch):
    before = edition.read_edition.__wrapped__()
    monkeypatch.setattr(hashed, "manifest_hash", "another")
    assert edition.read_edition.__wrapped__() != before


def test_a_file_that_was_not_collected_goes_by_its_plain_name(tmp_path):
    assert HashedNames(location=tmp_path).url("css/base.css") == "/static/css/base.css"


def test_a_page_that_was_kept_is_shown_with_the_files_of_today(hashed):
    kept = b'<link href="/static/css/base.0123456789ab.css"><p>/static/css/base.0123456789ab.css</p>'
    shown = static_files.with_current_names(kept)
    assert shown.startswith(f'<link href="{hashed.url("css/base.css")}">'.encode())
    assert shown.endswith(b"<p>/static/css/base.0123456789ab.css</p>")
    assert static_files.with_plain_names(kept).startswith(b'<link href="/static/css/base.css">')


def test_a_template_renders_where_its_file_is_unknown(hashed):
    template = engines["django"].from_string("{% load static %}{% static 'css/none.css' %}")
    assert template.render() == "/static/css/none.css"
