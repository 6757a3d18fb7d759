"""What leans on studies is computed anew in the transaction that changes them.

Studies do not know what is built on them: the settings name the services to call.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string


@transaction.atomic
def follow_changes(*, now: datetime) -> None:
    """Compute anew all that leans on studies, after one of them was changed, added or deleted.

    Call it in the transaction of the change, once, however many studies were changed: if what leans on them
    cannot be computed, the change is not saved either.

    Args:
        now: the time to write down.
    """
    for path in settings.AFTER_STUDIES_CHANGE:
        import_string(path)(now=now)


@transaction.atomic
def follow_edit(*, now: datetime) -> None:
    """Compute anew what leans on an entry that answers do not lean on, in the transaction of its change.

    Args:
        now: the time to write down.
    """
    for path in settings.AFTER_ANY_CHANGE:
        import_string(path)(now=now)
