"""The roof: wiring only. Nobody imports it but Django, Celery and the web server."""

# Whoever sets Django up hands tasks to our Celery application, not to one of Celery's own making.
from ldn_kb.celery import app as celery_app

__all__ = ["celery_app"]
__version__ = "0.1.0"
