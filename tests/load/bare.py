"""A WSGI callable that does nothing but answer: what the web server costs by itself, in front of no program.

Started by tests.load.reading, with BARE_FILES as the directory of the pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HOME = Path(os.environ["BARE_FILES"])
PAGES = {f"/{file.parent.relative_to(HOME)}/": file.read_bytes() for file in HOME.rglob("index.html")}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = PAGES.get(environ["PATH_INFO"], b"")
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]
