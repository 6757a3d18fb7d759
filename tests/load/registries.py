"""Four registries in one quick process, for `make bench-refresh`: synthetic papers, real limits, all counted.

How a paper looks comes from the stand-in registries; here it is only made fast: each registry's part about a
paper is cut once, and the paper's number is set into it.

    python -m tests.load.registries PORT
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import unquote

from studies.sources.standin import Paper, crossref, europepmc, openalex, pubmed
from studies.sources.standin.wire import Pool, Turnstile

# Stands in a paper's part wherever its own seven digits go.
MARK = "7777777"
PAPER = Paper(
    title=f"Synthetic paper {MARK}, made for a measurement and about nothing",
    authors=("Tester A", "Helper BC"),
    journal="Journal of synthetic papers",
    journal_abbrev="J Synth Pap",
    year=2020,
    volume="7",
    issue="2",
    pages="11-19",
    doi=f"10.5555/synthetic.{MARK}",
    pmid=int(f"90{MARK}"),
)
NUMBER = re.compile(r"synthetic\.([0-9]{7})|\b90([0-9]{7})\b")
# So long a registry thinks about a question, before the speed shortens it.
ANSWER_SECONDS = 0.25
CONTROL = "/_bench"


def is_left_out(number: int) -> bool:
    """One paper in a hundred is in no list, so that it is asked for alone."""
    return number % 100 == 37


def is_unknown(number: int) -> bool:
    """Every other one of those is not known even then."""
    return is_left_out(number) and number % 200 != 37


@dataclass
class Tally:
    """What one registry was asked since the last reset; the times are a monotonic clock's."""

    lists: int = 0
    singles: int = 0
    refused: int = 0
    began: float = 0
    ended: float = 0


@dataclass
class Desk:
    """One registry: its path, its answer around the papers' parts, and what it counts together."""

    path: str
    before: bytes
    part: str
    after: bytes
    lists: Pool
    singles: Pool
    glue: bytes = b","
    content_type: str = "application/json"
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._pieces = [piece.encode() for piece in self.part.split(MARK)]

    def body(self, numbers: list[bytes]) -> bytes:
        """The answer about these papers."""
        return self.before + self.glue.join(number.join(self._pieces) for number in numbers) + self.after


def make_desks() -> dict[str, Desk]:
    """The registries that are asked paper by paper, with the limits they document or we keep to."""
    epmc, alex, ncbi = Pool("europepmc", 3), Pool("openalex", 10), Pool("pubmed", 3)
    works = b'{"status":"ok","message-type":"work-list","message":{"items":['
    xml = ET.tostring(pubmed.article(PAPER), encoding="unicode")
    found = json.dumps(europepmc.result(PAPER))
    return {
        "crossref": Desk(
            "/v1/works", works, json.dumps(crossref.work(PAPER)), b"]}}",
            Pool("crossref lists", 3, 3), Pool("crossref singles", 10, 3),
        ),
        "pubmed": Desk(
            "/entrez/efetch.fcgi", b"<PubmedArticleSet>", xml, b"</PubmedArticleSet>",
            ncbi, ncbi, b"", "text/xml",
        ),
        "openalex": Desk(
            "/openalex/works", b'{"meta":{},"results":[', json.dumps(openalex.work(PAPER)), b"]}", alex, alex,
        ),
        "europepmc": Desk(
            "/europepmc/search", b'{"hitCount":1,"resultList":{"result":[', found, b"]}}", epmc, epmc,
        ),
    }  # fmt: skip


class Registries:
    """All of them; `speed` times as fast as they are, 0 for without any limit."""

    def __init__(self) -> None:
        self.desks = make_desks()
        self.reset(1)

    def reset(self, speed: float) -> None:
        """Forget what was asked, and keep the limits at so many times the real speed."""
        self.turnstile = Turnstile(speed=speed) if speed else None
        self.thinking = ANSWER_SECONDS / speed if speed else 0
        for desk in self.desks.values():
            desk.tally = Tally()

    def control(self, target: str) -> bytes:
        """Reset when a speed is given; return the tallies."""
        if "=" in target:
            self.reset(float(target.partition("=")[2]))
        return json.dumps({name: asdict(desk.tally) for name, desk in self.desks.items()}).encode()

    def take(self, target: str, body: str) -> tuple[Desk, Pool, int, bytes]:
        """The registry asked, the pool, the status and the body of the answer."""
        desk = next(desk for desk in self.desks.values() if target.startswith(desk.path))
        numbers = [a or b for a, b in NUMBER.findall(unquote(f"{target} {body}"))]
        # Crossref's question about one paper has an address of its own.
        is_single = len(numbers) == 1
        alone = is_single and target.startswith(f"{desk.path}/")
        tally, pool = desk.tally, desk.singles if alone else desk.lists
        tally.began = tally.began or time.monotonic()
        tally.ended = time.monotonic()
        if self.turnstile and not self.turnstile.enter(pool):
            tally.refused += 1
            return desk, pool, 429, b'{"error":"API rate limit exceeded"}'
        tally.singles += is_single
        tally.lists += not is_single
        hidden = is_unknown if is_single else is_left_out
        known = [number.encode() for number in numbers if not hidden(int(number))]
        if not alone:
            return desk, pool, 200, desk.body(known)
        if not known:
            return desk, pool, 404, b"Resource not found."
        work = known[0].join(desk._pieces)
        return desk, pool, 200, b'{"status":"ok","message-type":"work","message":' + work + b"}"


class Line(asyncio.Protocol):
    """One connection: reads requests, one after the other, and answers each."""

    def __init__(self, registries: Registries) -> None:
        self.registries = registries
        self.read = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, rest = self.read.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
        missing = int(length[1]) if length else 0
        if not end or len(rest) < missing:
            return
        self.read = rest[missing:]
        target = head.split(b" ", 2)[1].decode()
        if target.startswith(CONTROL):
            self.send(200, "application/json", self.registries.control(target))
            return
        desk, pool, status, body = self.registries.take(target, rest[:missing].decode())
        kind = desk.content_type if status == 200 else "text/plain"
        thinking, turnstile = self.registries.thinking, self.registries.turnstile

        def answer() -> None:
            if turnstile and status != 429:
                turnstile.leave(pool)
            self.send(status, kind, body)

        if thinking:
            asyncio.get_running_loop().call_later(thinking, answer)
        else:
            answer()

    def send(self, status: int, kind: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    registries = Registries()
    server = await asyncio.get_running_loop().create_server(lambda: Line(registries), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
