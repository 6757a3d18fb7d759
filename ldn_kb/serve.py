"""The web server: python -m ldn_kb.serve --port 8000 --workers 2, or with --socket FILE behind a proxy."""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn

from pages.protocol import FrontProtocol


def main() -> None:
    """Serve the site until told to stop; with several workers each is a process, started again if it dies."""
    parser = argparse.ArgumentParser(prog="python -m ldn_kb.serve", description="The site's web server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--socket", type=Path, help="a file to listen at instead, for a proxy beside this")
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if asked.socket:
        asked.socket.unlink(missing_ok=True)  # one that was killed has left it behind
    uvicorn.run(
        "ldn_kb.asgi:application",
        host=asked.host,
        port=asked.port,
        uds=str(asked.socket) if asked.socket else None,
        workers=asked.workers,
        http=FrontProtocol,
        loop="uvloop",
        ws="none",
        lifespan="off",
        access_log=False,  # who reads about which illness is nobody's business
        proxy_headers=False,  # Django reads them, where the settings say that a proxy stands in front
        server_header=False,
        log_level="warning",
        # As long as nginx keeps an idle reader's connection.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        # Who is silent for so long is taken for dead; on a busy machine a worker is for seconds.
        timeout_worker_healthcheck=30,
    )


if __name__ == "__main__":
    main()
