"""Which release an answer belongs to, and whether anything has changed since it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from conditions.models import Release
from history.services.changes import is_changed
from history.services.reading import end_of

# In no release: when a registry was asked last, and who has an account.
NOT_RELEASED = ("studies_registrycheck", "auth_user")

# What is kept is never taken back, so a release that was found changed stays so, and the tables are not asked
# again: an entry for each release and each day that somebody asks about.
_FOUND_CHANGED: set[tuple[str, datetime, date | None]] = set()


@dataclass(frozen=True)
class ReleaseStanding:
    """The latest release by its name, and whether any public record was written since."""

    name: str
    is_changed: bool


def read_standing(*, day: date | None) -> ReleaseStanding | None:
    """Return the latest release and whether records have changed since it; None where there is none.

    Never says that nothing has changed when something has. A write that was begun while a release was being
    made counts as a change, though it may be in it.

    Args:
        day: the UTC day at whose end it is asked; None for now.
    """
    until = end_of(day) if day else datetime.now(UTC) + timedelta(days=1)
    release = Release.objects.filter(made_at__lt=until).first()
    if release is None:
        return None
    since = release.made_from or release.made_at
    asked = (release.name, since, day)
    if asked not in _FOUND_CHANGED and is_changed(since=since, until=until, leave_out=NOT_RELEASED):
        _FOUND_CHANGED.add(asked)
    return ReleaseStanding(release.name, asked in _FOUND_CHANGED)
