"""A real Redis, a real socket with stand-in registries behind it, and a clock that only the test moves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from django.conf import settings
from redis import Redis

from studies.sources.crossref import CrossrefClient
from studies.sources.patience import Clock, Limits
from studies.sources.pubmed import PubmedClient
from studies.sources.registries import REGISTRIES
from studies.sources.registry import RegistryClient
from studies.sources.standin import Paper, Standin, papers_of

MAIL = "editor@kb.example"
KEY = "0123456789abcdefkey"
WHO = {"contact_email": MAIL, "version": "1.2", "public_url": "https://kb.example"}
QUICK = Limits(connect=2, read=2, total=5)

FIBRO = Paper(
    title="Low-dose naltrexone for fibromyalgia",
    authors=("Younger J", "Noor N"),
    journal="Arthritis and rheumatism",
    year=2013,
    volume="65",
    doi="10.1002/art.37734",
    pmid=23359310,
)
COMMA = Paper(title="A paper with a comma in its DOI", doi="10.1000/a,b", pmid=77)


@dataclass
class HeldClock:
    """Time stands still unless somebody sleeps; `slept` is every sleep in seconds."""

    time: float
    slept: list[float]

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def as_clock(self) -> Clock:
        return Clock(now=self.now, sleep=self.sleep, chance=lambda: 0.0, bucket_now=self.now)


@pytest.fixture
def redis():
    client = Redis.from_url(settings.REDIS_URL)
    yield client
    for key in client.scan_iter("bucket:{*"):
        client.delete(key)
    client.close()


@pytest.fixture
def name():
    """A bucket's name that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def standin():
    many = [Paper(title=f"Paper {n}", doi=f"10.1000/paper.{n}", pmid=1000 + n) for n in range(450)]
    with Standin(papers_of([FIBRO, COMMA, *many])) as server:
        yield server


@pytest.fixture
def held():
    return HeldClock(1_700_000_000.0, [])


@pytest.fixture
def crossref(redis, standin, held):
    client = CrossrefClient(standin.crossref_url, redis=redis, limits=QUICK, clock=held.as_clock(), **WHO)
    yield client
    client.close()


@pytest.fixture
def pubmed(redis, standin, held):
    client = PubmedClient(
        standin.ncbi_url, redis=redis, api_key=KEY, limits=QUICK, clock=held.as_clock(), **WHO
    )
    yield client
    client.close()


@pytest.fixture
def open_client(redis, standin, held):
    """Make a client of any registry, at the stand-in's address, with a clock that only the test moves."""
    opened = []

    def make(name: str, address: str | None = None, **options) -> RegistryClient:
        row = REGISTRIES[name]
        known = {"redis": redis, "limits": QUICK, "clock": held.as_clock(), **WHO}
        client = row.open(address or standin.settings[row.address], **{**known, **options})
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


def ask_all(client, identifiers) -> dict:
    """Every answer of a client, by identifier."""
    return {key: answer for batch in client.fetch(identifiers) for key, answer in batch.answers.items()}
