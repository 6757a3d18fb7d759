"""The Celery application; its timetable stands in settings.CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery, Task
from django.db import InterfaceError, OperationalError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")


class RetriedTask(Task):
    """What every task of the site is.

    The house's own services may be away for a moment; what a registry does wrong is written down by the
    services, not retried here. How late a task is acknowledged and how long it may last is in the settings.
    """

    abstract = True
    autoretry_for = (OperationalError, InterfaceError, RedisConnectionError, BrokerError)
    retry_backoff = True
    max_retries = 5


app = Celery("ldn_kb", task_cls=RetriedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
