"""The site as the web server runs it (ASGI): pages from their rows, everything else in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi import build_environ

from pages.domain.memory import Reply
from pages.domain.recent import Recent
from pages.front import FrontDoor
from pages.services.rows import Rows

# What waits for the database waits here, and never on the event loop. Each holds connections of its own.
THREADS = 4


class Site:
    """An ASGI application: what is published from the front door, everything else from Django.

    What lies in memory is answered before this is asked at all (pages.protocol).

    Args:
        django: the WSGI application that answers what the door does not.
        door: None while templates are being worked on.
    """

    def __init__(self, django: Callable[..., Any], door: FrontDoor | None) -> None:
        self.django = WSGIMiddleware(django, workers=THREADS)
        self.door = door
        self.rows = Rows(self.django.executor)
        self.told = Recent(door.watcher.look if door is not None else lambda: None)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        reply = await self._find(self.door, scope) if self.door else None
        if reply is None:
            await self.django(scope, receive, send)
            return
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for group in reply.headers
            for name, value in group
        ]
        await send({"type": "http.response.start", "status": int(reply.status[:3]), "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    def remembered(self, environ: dict[str, Any]) -> Reply | None:
        """What the front door tells without waiting."""
        return self.door.remembered(environ) if self.door is not None else None

    async def _find(self, door: FrontDoor, scope: Any) -> Reply | None:
        """What the door tells, from a row or found in a thread; None at once where Django is to answer."""
        if scope["type"] != "http":
            return None
        environ: Any = build_environ(scope, BytesIO())  # type: ignore[arg-type]  # nobody reads a body here
        page = door.page_asked(environ)
        if page is not None:
            reply = door.remembered(environ)
            if reply is not None:
                return reply
            answer = await self.rows.read(*page)
            if answer is not None:
                return door.tell(environ, answer)
        elif not door.is_asked(environ):
            return None
        return await asyncio.get_running_loop().run_in_executor(self.django.executor, door.reply, environ)
