"""The roof: wiring only. Nobody imports it but Django, Celery and the web server."""

__version__ = "0.1.0"
