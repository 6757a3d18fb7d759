"""Workers that claim at the same moment. Alone in its file: what it commits is swept away with all else."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from studies.services.claims import claim_due
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_at_once_share_the_studies_and_none_is_taken_twice():
    for number in range(60):
        make.make_study(title=f"Paper {number}", doi=f"10.1000/p{number}")
    now, start, shares = timezone.now(), Barrier(4), []

    def work():
        start.wait()
        while share := claim_due(registry="crossref", now=now, size=7):
            shares.append(share)
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = [pk for share in shares for pk in share]
    assert len(taken) == len(set(taken))
    # A worker may pass over rows that another one was locking: the next look takes them.
    taken += claim_due(registry="crossref", now=now, size=100)
    assert len(taken) == len(set(taken)) == 60
