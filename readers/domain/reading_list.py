"""A reading list is a list of keys, such as studies/bruun2024: the browser keeps it, the site does not."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_KEYS = 50
KEY = re.compile(r"(?:studies|conditions)/[a-z0-9-]{1,80}")


def read_keys(values: Iterable[object]) -> list[str]:
    """Return the keys among some values from outside: each once, in their order, MOST_KEYS at most.

    >>> read_keys(["studies/bruun2024", "studies/bruun2024", "admin/x", 7, "conditions/fibromyalgia"])
    ['studies/bruun2024', 'conditions/fibromyalgia']
    """
    keys = (value for value in values if isinstance(value, str) and KEY.fullmatch(value))
    return list(dict.fromkeys(keys))[:MOST_KEYS]
