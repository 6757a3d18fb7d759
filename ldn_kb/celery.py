"""The Celery application; its timetable stands in settings.CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_kb.settings")

app = Celery("ldn_kb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
