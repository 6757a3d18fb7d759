"""Retraction Watch's file: read as a whole, from a path or an address, and refused as a whole.

The data: https://gitlab.com/crossref/retraction-watch-data
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Unpack
from urllib.parse import urlsplit

from studies.domain.bibliography import AnswerError, PaperEntry, PaperFacts
from studies.domain.identifiers import normalise_doi
from studies.domain.retraction_watch_file import Row, Tally, entry_of, has_shrunk, read_rows
from studies.sources.answer import Answer, Edition, PaperIds, Unchanged, Unknown
from studies.sources.bucket import Pace
from studies.sources.failure import FailureKind
from studies.sources.patience import Limits, Patience
from studies.sources.registry import ClientOptions, RegistryClient
from studies.sources.reply import Reply, Request, refusal

PACE = Pace(limit=1, interval=1, at_once=1)
# The file has about 70 million bytes; it takes longer than an answer, and is not fetched again at once.
LARGEST_FILE = 180_000_000
TOTAL_SECONDS = 600.0
LONGEST_LINE = 1_000_000
RETRY_SECONDS = 6 * 3600.0
# A file that broke off or cannot be read may be whole at the next look; one that has shrunk will not be.
BROKEN_RETRY_SECONDS = 3600.0


class RetractionWatchClient(RegistryClient[PaperIds, PaperFacts]):
    """Looks papers up in Retraction Watch's file, by DOI and PubMed number at once.

    `address` is a path or an http(s) address. A paper that no row is about is Unknown: nothing is listed.
    A file with over one row in a hundred less than `last_edition` is refused as a whole, with the counts.
    """

    batch_size = 500
    title = "Retraction Watch"
    kind_of_key = "DOI or PubMed number"

    def __init__(self, address: str, **options: Unpack[ClientOptions]) -> None:
        limits = options.get("limits") or Limits(max_bytes=LARGEST_FILE, total=TOTAL_SECONDS)
        options["limits"] = limits
        super().__init__(address, **options)
        self._address = address
        self._largest = limits.max_bytes
        self._turns = self._bucket("file", PACE)
        self._rows: dict[str | int, list[Row]] = {}

    def fetch_one(self, identifier: PaperIds) -> Answer:
        """Return the answer about one paper. The whole file is read for it."""
        [batch] = self.fetch([identifier])
        return batch.answers[identifier]

    def _normalise(self, identifier: PaperIds) -> PaperIds | None:
        ids = PaperIds(normalise_doi(identifier.doi or ""), identifier.pmid or None)
        return ids if any(ids) else None

    def _prepare(self, identifiers: Sequence[PaperIds], patience: Patience) -> Unchanged | None:
        wanted = {each for ids in identifiers for each in ids if each}
        try:
            with self._opened(patience) as file:
                self._read(file, wanted)
        except AnswerError as error:
            raise self._door.unanswered(str(error), FailureKind.NOT_AN_ANSWER, BROKEN_RETRY_SECONDS) from None
        return None

    def _ask_together(self, batch: Sequence[PaperIds], _patience: Patience) -> dict[PaperIds, PaperEntry]:
        found = ((ids, entry_of(self._rows_of(ids), *ids)) for ids in batch)
        return {ids: entry for ids, entry in found if entry}

    def _ask_alone(self, _identifier: PaperIds, _patience: Patience) -> Answer:
        rows = self.edition.rows if self.edition else None
        return Unknown(f"Retraction Watch lists nothing under this paper's numbers in {rows or 0:,} rows")

    def _rows_of(self, ids: PaperIds) -> list[Row]:
        rows = {row.record_id: row for each in ids if each for row in self._rows.get(each, [])}
        return list(rows.values())

    @contextmanager
    def _opened(self, patience: Patience) -> Iterator[IO[bytes]]:
        """The file, on this machine or fetched to it."""
        if urlsplit(self._address).scheme in {"http", "https"}:
            with tempfile.TemporaryFile() as copy:
                self._door.ask(Request(""), self._turns, patience, _expect_file, into=copy)
                copy.seek(0)
                yield copy
            return
        try:
            with Path(self._address).open("rb") as file:
                yield file
        except OSError as error:
            reason = f"the file cannot be read ({type(error).__name__})"
            raise self._door.unanswered(reason, FailureKind.UNREACHABLE, BROKEN_RETRY_SECONDS) from None

    def _read(self, file: IO[bytes], wanted: set[str | int]) -> None:
        """Keep the rows that are about the wanted papers, if the file as a whole can be accepted."""
        digest = hashlib.sha256()
        index: dict[str | int, list[Row]] = {}
        for row in read_rows(self._lines_of(file, digest), wanted):
            if isinstance(row, Tally):
                self._accept(Edition(digest.hexdigest(), row.rows))
                continue
            for each in (row.paper_doi, row.paper_pmid, row.notice_doi, row.notice_pmid):
                if each is not None and each in wanted:
                    index.setdefault(each, []).append(row)
        self._rows = index

    def _lines_of(self, file: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
        """The file's lines, none longer than a row may be, and not more of them than a file may hold."""
        size = 0
        while line := file.readline(LONGEST_LINE):
            size += len(line)
            if size > self._largest:
                reason = f"the file is larger than {self._largest:,} bytes"
                raise self._door.unanswered(reason, FailureKind.TOO_LARGE, RETRY_SECONDS)
            digest.update(line)
            yield line

    def _accept(self, edition: Edition) -> None:
        last = self._last_edition.rows if self._last_edition else None
        if has_shrunk(edition.rows or 0, last):
            reason = f"the file has {edition.rows:,} rows, the last accepted one {last:,}: refused as a whole"
            raise self._door.unanswered(reason, FailureKind.SHRUNK, RETRY_SECONDS)
        self.edition = edition


def _expect_file(reply: Reply) -> None:
    if reply.status != 200:
        raise AnswerError(f"not Retraction Watch's file: {refusal(reply)}")
    if reply.is_web_page:
        raise AnswerError("a web page stands where the file should be")
