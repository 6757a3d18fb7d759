"""A server that answers as OpenSearch's documentation says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FACETS = [
    "condition",
    "dose",
    "certainty",
    "direction",
    "kind",
    "design",
    "status",
    "year",
    "numbers",
    "open",
]


def answer(
    *hits: dict[str, Any], total: int | None = None, relation: str = "eq", **facets: Any
) -> dict[str, Any]:
    """An answer to `_search`; a facet is its buckets."""
    return {
        "took": 4,
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": len(hits) if total is None else total, "relation": relation},
            "max_score": None,
            "hits": list(hits),
        },
        "aggregations": {
            key: {
                "doc_count_error_upper_bound": 0,
                "sum_other_doc_count": 0,
                "buckets": facets.get(key, []),
            }
            for key in FACETS
        },
    }


def error(kind: str, status: int) -> dict[str, Any]:
    cause = {"type": kind, "reason": "as the server words it"}
    return {"error": {"root_cause": [cause], **cause}, "status": status}


class StandIn:
    """Set `search` to what `_search` answers (a dictionary, text, or status with a dictionary)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.search: Any = answer()
        self.bulk: Any = None
        self.refused: set[str] = set()
        self.indices: list[str] = []
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(size).decode()
                is_bulk = "_bulk" in self.path
                body = [json.loads(x) for x in raw.splitlines()] if is_bulk else json.loads(raw or "null")
                outer.asked.append((self.command, self.path, body))
                time.sleep(outer.delay)
                status, told = outer.answer(self.path, body)
                text = (told if isinstance(told, str) else json.dumps(told)).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def answer(self, path: str, body: Any) -> tuple[int, Any]:
        if "_search" in path:
            return self.search if isinstance(self.search, tuple) else (200, self.search)
        if "_bulk" in path:
            return self.bulk or (200, self._take(body))
        if "_aliases" in path:
            return 200, {"acknowledged": True}
        if path.startswith("/ldn-kb-search-*"):
            return 200, {name: {"aliases": {}, "mappings": {}, "settings": {}} for name in self.indices}
        return 200, {"acknowledged": True, "shards_acknowledged": True, "index": path[1:]}

    def _take(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        items = []
        for line in lines:
            for action in ("index", "delete"):
                if list(line) == [action]:
                    pk = line[action]["_id"]
                    status = 429 if pk in self.refused else 404 if action == "delete" else 201
                    items.append({action: {"_index": "ldn-kb-search-1", "_id": pk, "status": status}})
        return {"took": 3, "errors": bool(self.refused), "items": items}

    def bodies(self, part: str) -> list[Any]:
        return [body for _, path, body in self.asked if part in path]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
