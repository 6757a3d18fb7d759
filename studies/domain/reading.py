"""What is known of how each entry of a record was read."""

from __future__ import annotations

from collections.abc import Iterable

from studies.domain.path_words import say_paths
from studies.domain.speech import ENGLISH, Speech


def covers(entry: str, path: str) -> bool:
    """True when a note's path names this path or a part of it, or the whole that it belongs to.

    A note may carry a reason after the path: "outcomes.1 numbers (one secondary copy only)".

    >>> covers("outcomes.1 numbers (one secondary copy only)", "outcomes.1")
    True
    >>> covers("outcomes.1", "outcomes.12")
    False
    """
    return any(_is_within(part, path) or _is_within(path, part) for part in _paths(entry))


def _paths(entry: str) -> list[str]:
    head = entry.partition("(")[0]
    words = [part.strip().split(" ")[0] for part in head.replace(" and ", ",").split(",")]
    return [word for word in words if word]


def _is_within(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def why_unverified(unverified: Iterable[str], path: str) -> str:
    """The first note that leaves this path unverified; empty when there is none.

    >>> why_unverified(["pmid", "doi (from the article's address)"], "doi")
    "doi (from the article's address)"
    """
    return next((entry for entry in unverified if covers(entry, path)), "")


def read_path(
    path: str,
    *,
    unverified: Iterable[str],
    agreed: Iterable[str],
    corrected: Iterable[str],
    not_seen: Iterable[str],
    was_read_twice: bool,
    speech: Speech = ENGLISH,
) -> str:
    """One sentence on how far a number can be leant on, before any check by an editor.

    Args:
        path: such as outcomes.0 or arms.1.dose.
        unverified: notes on what was not seen in a primary place.
        agreed: what the second look agreed with.
        corrected: what it corrected.
        not_seen: what it could not see.
        was_read_twice: whether there was a second look at all.
        speech: the language of the sentence.
    """
    note = why_unverified(unverified, path)
    if note:
        return speech.say("not yet verified: %(note)s", note=speech.quote(say_paths(note)))
    if any(covers(entry, path) for entry in corrected):
        return speech.say("corrected by a second look at another copy")
    if any(covers(entry, path) for entry in not_seen):
        return speech.say("not seen by the second look")
    if any(covers(entry, path) for entry in agreed):
        return speech.say("a second look at another copy agreed")
    if was_read_twice:
        return speech.say("the second look did not touch it")
    return speech.say("read once")
