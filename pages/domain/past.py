"""Which answers of the API are of a day that is over for good, and so never change but with the code."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import parse_qsl

AS_OF = "as_of"
# A transaction belongs to the day on which it began: what is still open at midnight has a day to end.
SETTLED_AFTER = timedelta(days=2)
# In place of the version and the day of the records.
PAST = (0, "past")
CACHE_CONTROL = "public, max-age=3600, stale-if-error=86400"


def is_settled(query: str, today: str) -> bool:
    """Whether a query asks for what stood at the end of a day whose transactions have all ended.

    Args:
        query: as it stands in the address.
        today: the UTC day, as YYYY-MM-DD.

    >>> is_settled("fields=key&as_of=2026-11-23", "2026-11-25")
    True
    >>> is_settled("as_of=2026-11-24", "2026-11-25"), is_settled("as_of=soon", "2026-11-25")
    (False, False)
    """
    day = find_day(query)
    return day is not None and day <= date.fromisoformat(today) - SETTLED_AFTER


def find_day(query: str) -> date | None:
    """Return the day that a query asks for; None where it asks for none, or for what is no day.

    >>> find_day("as_of=2026-11-24"), find_day("as_of=soon"), find_day("fields=key")
    (datetime.date(2026, 11, 24), None, None)
    """
    if AS_OF not in query:
        return None
    asked = [value for name, value in parse_qsl(query, errors="replace") if name == AS_OF]
    if len(asked) != 1 or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", asked[0]):
        return None
    try:
        return date.fromisoformat(asked[0])
    except ValueError:
        return None
