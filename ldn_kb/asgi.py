"""What the web server runs (ldn_kb.serve): what lies in memory at once, everything else in threads."""

from ldn_kb.wsgi import django, door
from pages.site import Site

application = Site(django, door)
