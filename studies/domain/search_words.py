"""What somebody typed into a search box, as a question to PostgreSQL's full text search."""

from __future__ import annotations

import re

MAX_WORDS = 12


def prefix_query(text: str) -> str:
    """Return a tsquery in which every word may be the beginning of one; empty when no word was typed.

    Only letters, digits and underscores get through, so that nothing typed can be an operator.

    >>> prefix_query("crohn's  remiss")
    'crohn:* & s:* & remiss:*'
    """
    words = re.findall(r"\w+", text)[:MAX_WORDS]
    return " & ".join(f"{word}:*" for word in words)
