"""The one door to the outside: every request to a registry goes through `Door.ask`.

It keeps the pace, waits when told to, tries again what may pass, and never lets an address or a key into a
log or an error.
"""

from __future__ import annotations

import io
import logging
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO, TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx
from redis import RedisError

from studies.domain.bibliography import AnswerError
from studies.sources.bucket import TokenBucket
from studies.sources.cut_off import CutOff
from studies.sources.failure import CutOffError, FailureKind, PassingError, UnansweredError
from studies.sources.patience import Clock, Limits, Patience, TooLongError
from studies.sources.reply import Reply, Request, excerpt, retry_after, summary

logger = logging.getLogger(__name__)
# The client's own logs carry whole addresses, and with them the contact's mail address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Read = TypeVar("Read")

RETRY_SECONDS = 15 * 60.0
BLOCKED_SECONDS = 3600.0
LONGEST_HOLD_SECONDS = 7 * 24 * 3600.0
HOLD_SECONDS = 5.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS = 3
# A wait rounded down to nothing would ask Redis again and again without any time passing.
SHORTEST_WAIT = 0.001
BLOCKED = frozenset({401, 403})
# zlib's word for a body in gzip's format, and the most that is unfolded of it at once.
GZIP = 31
PIECE_BYTES = 1_000_000
# What the client calls the moment when a question is on its way.
SENT = "http11.send_request_headers.complete"
MISPACKED = "the answer is not packed as it says"


def user_agent(version: str, public_url: str, contact_email: str) -> str:
    """Return how we introduce ourselves: `ldn-kb/VERSION (URL; mailto:CONTACT_EMAIL)`.

    >>> user_agent("1.0", "https://kb.example", "")
    'ldn-kb/1.0 (https://kb.example)'
    """
    who = "; ".join(filter(None, [public_url, contact_email and f"mailto:{contact_email}"]))
    return re.sub(r"[^\x20-\x7e]", "", f"ldn-kb/{version} ({who})")


def read_wait(reply: Reply, now: float) -> float | None:
    """Return for how many seconds nobody should ask after a 429 or 503; None leaves it to the back-off."""
    wait = retry_after(reply.headers.get("retry-after"), now)
    return HOLD_SECONDS if wait is None and reply.status == 429 else wait


class Door:
    """Asks one registry over HTTP. Not to be shared between threads.

    `secrets` are texts that no log and no reason may hold: the contact's address, keys. `wait_of` reads from
    a 429 or 503 how long nobody should ask.
    """

    def __init__(
        self,
        base_url: str,
        *,
        agent: str,
        secrets: tuple[str, ...],
        limits: Limits,
        clock: Clock,
        wait_of: Callable[[Reply, float], float | None] = read_wait,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._agent = agent
        self._secrets = [form for secret in secrets if secret for form in (secret, quote(secret))]
        self._limits = limits
        self._clock = clock
        self._wait_of = wait_of
        self._client: httpx.Client | None = None
        self._cut_off = CutOff(limits.total, self._hang_up)

    @property
    def host(self) -> str:
        return urlsplit(self._base).netloc

    def patience(self) -> Patience:
        """A fresh allowance of sleep, for one call of a client."""
        return Patience(self._clock, self._limits.patience)

    def close(self) -> None:
        self._cut_off.end()
        self._hang_up()

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client:
            client.close()

    def ask(
        self,
        request: Request,
        bucket: TokenBucket,
        patience: Patience,
        read: Callable[[Reply], Read],
        *,
        into: IO[bytes] | None = None,
    ) -> Read:
        """Return what `read` makes of the answer; raise UnansweredError when no answer counts in the end.

        `read` gets a Reply with status 200 or a lasting refusal (4xx). When a 200 is not what it should be
        it raises AnswerError, which is tried again like a broken line. With `into` the body of a 200 goes
        into that file and not into the Reply.
        """
        failure: PassingError | None = None
        try:
            for attempt in range(self._limits.attempts):
                try:
                    return self._ask_once(request, bucket, patience, read, into)
                except PassingError as error:
                    if isinstance(error, CutOffError) and isinstance(failure, CutOffError):
                        break  # a third try could outlast the lease of what is asked about
                    failure = error
                    self._back_off(attempt, error, bucket, patience)
        except TooLongError as wait:
            raise self._too_late(failure, wait.seconds) from None
        except RedisError:
            reason = "Redis, which keeps the pace, cannot be reached"
            raise self.unanswered(reason, FailureKind.NO_PACE_KEEPER) from None
        raise self._given_up(failure)

    def _ask_once(
        self,
        request: Request,
        bucket: TokenBucket,
        patience: Patience,
        read: Callable[[Reply], Read],
        into: IO[bytes] | None,
    ) -> Read:
        reply = self._follow(request, bucket, patience, into)
        try:
            return read(reply)
        except AnswerError as error:
            raise PassingError(str(error), FailureKind.NOT_AN_ANSWER, body=excerpt(reply)) from None

    def _back_off(self, attempt: int, failure: PassingError, bucket: TokenBucket, patience: Patience) -> None:
        """Sleep before the next try; or hold the bucket, which makes all workers wait for their turn."""
        hold = failure.hold
        seconds = min((hold or 2.0**attempt) * (1 + self._clock.chance() / 10), LONGEST_HOLD_SECONDS)
        logger.info("%s: %s (try %d)", self.host, self._redacted(str(failure)), attempt + 1)
        if hold is not None:
            bucket.hold(seconds)
        elif attempt + 1 < self._limits.attempts:
            try:
                patience.sleep(seconds)
            except TooLongError:
                raise self._given_up(failure) from None

    def _follow(
        self, request: Request, bucket: TokenBucket, patience: Patience, into: IO[bytes] | None
    ) -> Reply:
        url = self._url(request)
        for _ in range(MAX_REDIRECTS + 1):
            reply = self._in_turn(url, request.form, bucket, patience, into)
            if reply.status not in REDIRECTS:
                return self._checked(reply, bucket)
            url = self._redirected(url, reply, request)
        raise self.unanswered("the registry redirects in circles", FailureKind.REDIRECTED)

    def _in_turn(
        self,
        url: str,
        form: Mapping[str, str] | None,
        bucket: TokenBucket,
        patience: Patience,
        into: IO[bytes] | None,
    ) -> Reply:
        client = self._open()  # before the turn, so that nothing slow comes between it and the sending
        asked_at = time.monotonic()
        while not (turn := bucket.take()).lease:
            patience.sleep(max(turn.wait_seconds, SHORTEST_WAIT))
            asked_at = time.monotonic()

        def trace(event: str, _info: Mapping[str, object]) -> None:
            if event == SENT:
                with suppress(RedisError):  # what is sent is sent; the next turn will say that Redis is away
                    bucket.note_sending(time.monotonic() - asked_at)

        try:
            return self._send(client, url, form, into, trace)
        finally:
            with suppress(RedisError):  # the lease runs out by itself; the answer must not be lost
                bucket.give_back(turn.lease)

    def _send(
        self,
        client: httpx.Client,
        url: str,
        form: Mapping[str, str] | None,
        into: IO[bytes] | None,
        trace: Callable[[str, Mapping[str, object]], None],
    ) -> Reply:
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip"}
        with self._cut_off.watch() as is_late:
            try:
                method = "GET" if form is None else "POST"
                asked = client.stream(method, url, data=form, headers=headers, extensions={"trace": trace})
                with asked as response:
                    return self._receive(response, into)
            # The last two: the line was just closed, by the cut-off.
            except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as error:
                late = f"no whole answer within {self._limits.total:g} s"
                cut_off = CutOffError(late, FailureKind.TIMED_OUT)
                raise (cut_off if is_late.is_set() else _passing(error, self._limits)) from None

    def _receive(self, response: httpx.Response, into: IO[bytes] | None) -> Reply:
        if response.headers.get("content-encoding", "identity") not in {"identity", "gzip"}:
            reason = "the answer is packed in a way we did not ask for"
            raise PassingError(reason, FailureKind.NOT_AN_ANSWER)
        sink = into if into is not None and response.status_code == 200 else io.BytesIO()
        sink.seek(0)
        sink.truncate()
        for piece in _unpacked(response):
            sink.write(piece)
            if sink.tell() > self._limits.max_bytes:
                reason = f"the answer is larger than {self._limits.max_bytes:,} bytes"
                raise self.unanswered(reason, FailureKind.TOO_LARGE)
        body = sink.getvalue() if isinstance(sink, io.BytesIO) else b""
        if response.status_code != 200:  # a refusal may quote the question, with our key and address
            body = self._redacted(body.decode("utf-8", "replace")).encode()
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        return Reply(response.status_code, kind, body, response.headers)

    def _checked(self, reply: Reply, bucket: TokenBucket) -> Reply:
        """The reply when it is one that lasts; what may pass, and being shut out, are raised."""
        status = reply.status
        if status in BLOCKED:
            bucket.hold(BLOCKED_SECONDS)
            logger.error("%s has shut us out with status %d; a person must look", self.host, status)
            reason = f"the registry has shut us out (status {status}): {summary(reply)}"
            raise self.unanswered(reason, FailureKind.BLOCKED, BLOCKED_SECONDS, body=excerpt(reply))
        if status == 200 or (400 <= status < 500 and status not in {408, 429}):
            return reply
        raise PassingError(
            f"the registry answered with status {status}",
            FailureKind.RATE_LIMITED if status == 429 else FailureKind.SERVER_ERROR,
            hold=self._wait_of(reply, self._clock.now()) if status in {429, 503} else None,
            body=excerpt(reply),
        )

    def _redirected(self, url: str, reply: Reply, request: Request) -> str:
        """Where a redirect leads, if that is the same host; anywhere else we do not go."""
        target = urljoin(url, reply.headers.get("location", ""))
        if urlsplit(target)[:2] != urlsplit(url)[:2] or request.form is not None:
            reason = "the registry redirects elsewhere, where we do not go"
            raise self.unanswered(reason, FailureKind.REDIRECTED)
        return target

    def _url(self, request: Request) -> str:
        query = urlencode(request.params, quote_via=quote, safe=":,/()")
        return self._base + request.path + (f"?{query}" if query else "")

    def _open(self) -> httpx.Client:
        if self._client is None:
            timeout = httpx.Timeout(self._limits.read, connect=self._limits.connect)
            self._client = httpx.Client(timeout=timeout, follow_redirects=False)
        return self._client

    def unanswered(
        self,
        reason: str,
        kind: FailureKind,
        seconds: float = RETRY_SECONDS,
        *,
        was_asked: bool = True,
        body: str = "",
    ) -> UnansweredError:
        """The error to raise when no answer counts; nothing secret is left in it."""
        retry_at = self._clock.later(seconds)
        reason, body = self._redacted(reason), self._redacted(body)
        return UnansweredError(reason, retry_at, kind, was_asked=was_asked, body=body)

    def _too_late(self, failure: PassingError | None, seconds: float) -> UnansweredError:
        """What is said when the next turn comes later than the worker may wait."""
        if failure is None:
            reason = "not asked yet: the registry's pace leaves no turn in time"
            return self.unanswered(reason, FailureKind.NOT_ASKED, seconds, was_asked=False)
        return self.unanswered(str(failure), failure.kind, seconds, body=failure.body)

    def _given_up(self, failure: PassingError | None) -> UnansweredError:
        if failure is None:
            return self.unanswered("never asked", FailureKind.NOT_ASKED, was_asked=False)
        return self.unanswered(str(failure), failure.kind, body=failure.body)

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[hidden]")
        return text


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """The body as it comes in, in pieces of bounded size, whatever a packed one unfolds to."""
    if response.headers.get("content-encoding", "identity") == "identity":
        yield from response.iter_raw()
        return
    unpacker, is_empty = zlib.decompressobj(wbits=GZIP), True
    try:
        for raw in response.iter_raw():
            is_empty = False
            while raw and not unpacker.eof:
                yield unpacker.decompress(raw, PIECE_BYTES)
                raw = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise PassingError(MISPACKED, FailureKind.NOT_AN_ANSWER) from None
    if not (unpacker.eof or is_empty) or unpacker.unused_data:
        raise PassingError(MISPACKED, FailureKind.NOT_AN_ANSWER)


def _passing(error: Exception, limits: Limits) -> PassingError:
    reasons: dict[type[Exception], tuple[str, FailureKind]] = {
        httpx.ConnectTimeout: (f"no connection within {limits.connect:g} s", FailureKind.TIMED_OUT),
        httpx.ReadTimeout: (f"no answer within {limits.read:g} s", FailureKind.TIMED_OUT),
        httpx.ConnectError: ("no connection to the registry", FailureKind.UNREACHABLE),
        httpx.RemoteProtocolError: ("the answer broke off or is not HTTP", FailureKind.BROKEN_OFF),
    }
    broken_off = (f"the line broke off ({type(error).__name__})", FailureKind.BROKEN_OFF)
    return PassingError(*reasons.get(type(error), broken_off))
