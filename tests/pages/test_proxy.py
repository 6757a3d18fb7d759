"""The proxy goes on serving while the application or the database is away, and never serves the past."""

from __future__ import annotations

import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
import yaml
from django.utils import timezone

from pages.services.static_files import collect_static
from tests.pages.proxy import DEPLOY, nginx_program, running_proxy
from tests.pages.server import Server, running_server
from tests.pages.test_freshness import (
    _few_pages,  # noqa: F401 - a fixture
    _retracted_no_more,  # noqa: F401 - a fixture
    hammer_through_a_retraction,
)

KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
PATH = "/conditions/fibromyalgia/"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("corpus"),
    pytest.mark.skipif(nginx_program() is None, reason="nginx is not installed"),
]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory) -> Path:
    """Of the application, with the static files that it shares with the proxy."""
    folder = tmp_path_factory.mktemp("data")
    collect_static(root=folder / "static", now=timezone.now())
    return folder


@pytest.fixture
def place() -> Iterator[Path]:
    """The file at which the application listens; its name has to be short."""
    with tempfile.TemporaryDirectory(prefix="ldn-kb-") as folder:
        yield Path(folder) / "web.sock"


@pytest.fixture
def proxy(tmp_path: Path, data_dir: Path, place: Path) -> Iterator[Server]:
    with running_proxy(tmp_path, place, data_dir / "static") as server:
        yield server


def application(place: Path, **environment: str):
    return running_server(workers=1, socket_file=place, BEHIND_PROXY="1", **environment)


def ask(proxy: Server, path: str = PATH, **headers: str):
    return proxy.ask(path, X_Forwarded_Proto="https", **headers)


def test_a_page_outlives_the_application_and_then_the_database(proxy, place):
    with application(place):
        first = ask(proxy, Accept_Encoding="gzip, deflate, br")
    assert first.status == 200
    assert "x-accel-expires" not in first.headers
    time.sleep(1.1)  # past the second in which it is kept as fresh
    alone = ask(proxy, Accept_Encoding="br")
    assert (alone.status, alone.body, alone.headers["etag"]) == (200, first.body, first.headers["etag"])
    assert b"fibromyalgia" in brotli.decompress(alone.body).lower()
    assert ask(proxy, Accept_Encoding="br", If_None_Match=first.headers["etag"]).status == 304
    with application(place, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"):
        time.sleep(1.1)
        assert ask(proxy, Accept_Encoding="br").body == first.body


def test_what_was_never_read_is_told_to_be_away_in_plain_words(proxy):
    reply = ask(proxy, "/conditions/crohns-disease/")
    assert reply.status == 502
    assert b"try again in a minute" in reply.body
    assert reply.headers["cache-control"] == "no-store"


def test_only_published_pages_are_kept_and_an_editor_gets_none_of_them(proxy, place):
    with application(place):
        assert ask(proxy, "/search/?q=pain").status == 200
        assert ask(proxy, "/admin/login/").status == 200
        kept = ask(proxy)
        assert "set-cookie" not in kept.headers
        assert ask(proxy, Cookie="sessionid=none").status == 200
    assert ask(proxy).status == 200
    for path in ("/search/?q=pain", "/admin/login/"):
        assert ask(proxy, path).status == 502
    assert ask(proxy, Cookie="sessionid=none").status == 502


@pytest.mark.usefixtures("_few_pages", "_retracted_no_more")
def test_no_reader_behind_the_proxy_gets_the_old_page_later_than_a_second(proxy, place):
    with application(place):
        hammer_through_a_retraction(proxy)


def test_each_file_that_a_page_names_is_packed_and_never_asked_for_again(proxy, place, data_dir):
    """By the proxy, and by the application where there is none."""
    with application(place, DATA_DIR=str(data_dir)) as server:
        page = server.ask(PATH).body.decode()
        named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        assert len(named) > 6
        for address in named:
            unpacked = server.ask(address).body
            for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)):
                for place in (server, proxy):
                    reply = place.ask(address, Accept_Encoding=coding)
                    assert reply.status == 200
                    assert unpack(reply.body) == unpacked
                    assert reply.headers.get("content-encoding", "") == coding
                    assert reply.headers["cache-control"].endswith("immutable")
                    assert reply.headers["vary"] == "Accept-Encoding"
                    kind = reply.headers["content-type"].partition(";")[0]
                    assert kind == KINDS[address.rpartition(".")[2]]
    plain = ask(proxy, "/static/css/base.css")
    assert (plain.status, plain.headers["cache-control"]) == (200, "public, max-age=3600")
    assert ask(proxy, "/static/css/base.000000000000.css").status == 404


def test_a_killed_application_does_not_keep_the_next_one_from_its_place(proxy, place):
    with application(place) as server:
        os.kill(server.pid, signal.SIGKILL)
    assert place.exists()
    with application(place):
        assert ask(proxy, "/search/?q=pain").status == 200


def test_the_health_check_of_the_deployment_tells_whether_the_application_answers(place):
    services = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())["services"]
    *_, option, check = services["web"]["healthcheck"]["test"]
    command = [sys.executable, option, check.replace("/run/ldn-kb/web.sock", str(place))]
    with application(place):
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_its_file_is_one_that_nginx_reads_as_it_stands(tmp_path):
    """But for the names of the deployment's hosts, which this machine does not know."""
    with running_proxy(tmp_path, tmp_path / "web.sock", tmp_path):
        told = subprocess.run(
            [nginx_program() or "", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-t"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert "syntax is ok" in told.stderr
    assert "[warn]" not in told.stderr
