"""What reading costs, beside nginx serving the same bytes as a file, in one run.

python -m tests.load.reading in a database of its own (DATABASE_URL); part of `make bench`. The bars are those
the site was built for: a page from its row at 0.04 of nginx, from memory at 0.7 with 16 connections and 0.9
with 64, through the proxy of the deployment at 0.95; 99 in 100 answers within three times the median; the web
process under 150 MB.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django

from tests.load import wrk
from tests.load.memory import resident_mb
from tests.pages.proxy import nginx_program, running_proxy
from tests.pages.server import Server, free_port, running_server, wait_for

SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
CONNECTIONS = (1, 16, 64)
CONDITION, STUDY, LIST = "/conditions/fibromyalgia/", "/studies/bruun2024/", "/studies/"
BARS = {"cold": {1: 0.04, 16: 0.04, 64: 0.04}, "warm": {16: 0.7, 64: 0.9}, "proxy": {16: 0.95, 64: 0.95}}
# Readers of whom no two ask in the same words.
EACH_ANOTHER = """
local n = 0
function request()
  n = n + 1
  return wrk.format(nil, nil, {["Host"] = "localhost", ["Accept-Encoding"] = "gzip", ["User-Agent"] = n})
end
"""
PLAIN = """{user}pid {home}/{port}.pid;
worker_processes auto;
error_log {home}/plain.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000; {more}
  client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
  uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {home}/files; default_type text/html; }}
}}
"""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")
    django.setup()
    from django.core.management import call_command

    from tests.load.seed import make_tables

    make_tables()
    call_command("load_evidence", verbosity=0)
    time_reading()
    return 0


def time_reading() -> None:
    """Print requests a second of three pages, cold, warm and through the proxy, with their bars."""
    if not (wrk.is_installed() and nginx_program()):
        print("\nreading: wrk and nginx are needed to measure it (Debian: wrk, nginx-light)")
        return
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ldn-kb-bench-")))
        with running_server(workers=1) as one:
            publish_all(one)
            held = resident_mb(one.pid)
            print(f"\nresident memory of a web process, all pages read: {held:.0f} MB (bar: 150)")
        # Two processes, as the image starts them; nginx has as many as there are cores.
        cold = stack.enter_context(running_server(PAGES_MEMORY_MB="0"))
        warm = stack.enter_context(running_server(BEHIND_PROXY="1"))
        behind = stack.enter_context(running_server(BEHIND_PROXY="1", socket_file=home / "web.sock"))
        assert behind.socket_file
        proxy = stack.enter_context(running_proxy(home, behind.socket_file, Path("static").resolve()))
        bodies = {page: warm.ask(page, Accept_Encoding="gzip").body for page in (CONDITION, STUDY, LIST)}
        plain = stack.enter_context(serving_files(home, bodies))
        held_open = stack.enter_context(serving_files(home, bodies, more="open_file_cache max=100;"))
        ports = {
            "nginx, a file": plain,
            "nginx, held open": held_open,
            "cold": cold.port,
            "warm": warm.port,
            "warm, no crowd": warm.port,
            "proxy": proxy.port,
        }
        for page, body in bodies.items():
            _report(page, len(body), ports)


def publish_all(server: Server) -> None:
    """Publish every page, and read each once, so that the web process holds what it can hold."""
    from django.utils import timezone

    from pages.models import Page
    from pages.services.publishing import publish_stale

    publish_stale(now=timezone.now())
    for path in Page.objects.values_list("path", flat=True):
        server.ask(path, Accept_Encoding="gzip")


def _report(page: str, size: int, ports: dict[str, int]) -> None:
    print(f"\n{page} ({size} bytes gzip), {SECONDS} s, median of 3")
    print(f"{'':16}{'connections':>11} {'req/s':>8} {'of nginx':>9} {'bar':>5} {'p50 ms':>8} {'p99 ms':>8}")
    ceiling: dict[int, float] = {}
    for name, port in ports.items():
        for connections in CONNECTIONS:
            url = f"http://127.0.0.1:{port}{page}"
            script = EACH_ANOTHER if name == "warm, no crowd" else ""
            figure = wrk.measure(url, connections, seconds=SECONDS, script=script, Accept_Encoding="gzip")
            ceiling.setdefault(connections, figure.rate)
            ratio, bar = figure.rate / ceiling[connections], BARS.get(name, {}).get(connections)
            missed = " missed" if bar and ratio < bar else ""
            print(
                f"{name:16}{connections:>11} {figure.rate:>8.0f} {ratio:>9.3f} {bar or '':>5} "
                f"{figure.p50_ms:>8.2f} {figure.p99_ms:>8.2f}{missed}"
            )


@contextmanager
def serving_files(home: Path, bodies: dict[str, bytes], *, more: str = "") -> Iterator[int]:
    """Nginx with nothing but the pages as files, opened for each answer as it does unless told otherwise."""

    for path, body in bodies.items():
        file = home / "files" / path.strip("/") / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    port = free_port()
    config = home / f"{port}.conf"
    user = "user root;\n" if os.geteuid() == 0 else ""
    config.write_text(PLAIN.format(home=home, port=port, user=user, more=more))
    command = [nginx_program() or "", "-p", str(home), "-c", str(config), "-g", "daemon off;"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(Server(port), process, CONDITION)
        yield port
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    raise SystemExit(main())
