"""The key of a study: first author and year, like younger2013."""

from __future__ import annotations

import re
from collections.abc import Collection
from string import ascii_lowercase

from studies.domain.wording import normalise_title

LONGEST_NAME = 50


def propose_key(first_author: str | None, year: int | None, taken: Collection[str]) -> str | None:
    """Return a free key for a paper, with a letter from b on where the plain one is taken.

    Args:
        first_author: surname and initials, as in "Due Bruun K"; or the name of a group.
        year: year of publication.
        taken: keys in use.

    None when author or year is unknown or the letters are used up: then a person must choose.

    >>> propose_key("Younger J", 2013, {"younger2013"}), propose_key("Müller-Lüdenscheidt AB", 2018, ())
    ('younger2013b', 'mullerludenscheidt2018')
    >>> propose_key(None, 2013, ()) is None
    True
    """
    if not first_author or not year:
        return None
    surname = re.sub(r"\s+[A-Z]{1,5}$", "", first_author.strip())
    name = re.sub(r"[^a-z]", "", normalise_title(surname))[:LONGEST_NAME]
    if not name:
        return None
    candidates = (f"{name}{year:04d}{letter}" for letter in ("", *ascii_lowercase[1:]))
    return next((key for key in candidates if key not in taken), None)
