"""Whoever sets the site up hands tasks to the queue that its workers read."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings
from redis import Redis

QUEUE = "registries"
SEND = """
import threading
from studies.tasks import refresh_due_trials
thread = threading.Thread(target=lambda: refresh_due_trials.delay())  # as those of the web server
thread.start()
thread.join()
refresh_due_trials.delay()
"""


@pytest.fixture
def redis() -> Iterator[Redis]:
    client = Redis.from_url(settings.REDIS_URL)
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)
    client.close()


@pytest.mark.parametrize(
    "setup", ["import ldn_kb.asgi", "import ldn_kb.wsgi", "import django; django.setup()"]
)
def test_a_task_is_handed_to_our_queue_from_every_thread(redis, setup):
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "ldn_kb.settings", "REDIS_URL": settings.REDIS_URL}
    subprocess.run([sys.executable, "-c", setup + SEND], env=env, check=True)
    assert redis.llen(QUEUE) == 2
