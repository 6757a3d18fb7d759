"""Throw-away PostgreSQL and Redis for tests, checks and benchmarks; removed when the process ends.

As a pytest plugin (`-p tests.throwaway`) it sets the environment before Django reads its settings. As a
command it runs another one: python -m tests.throwaway manage.py ...
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from ldn_kb import embedded
from ldn_kb.data_dir import ServiceError


def provide_services() -> None:
    """Set DATABASE_URL and REDIS_URL: those of the environment where set, else services of our own."""
    os.environ.setdefault("SECRET_KEY", "a key for tests only, long enough to be accepted by Django's checks")
    needed = embedded.needed(os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", ""))
    if needed:
        stack = ExitStack()
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ldn-kb-test-")))
        atexit.register(stack.close)  # after the directory's own, so that it runs before it
        stack.enter_context(embedded.running(data_dir, needed, durable=False))
        os.environ.setdefault("DATABASE_URL", embedded.database_url(data_dir))
        os.environ.setdefault("REDIS_URL", embedded.redis_url(data_dir))
        os.environ["DATA_DIR"] = str(data_dir)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if worker:
        os.environ["REDIS_URL"] = redis_url_of_worker(os.environ["REDIS_URL"], int(worker))


def redis_url_of_worker(url: str, worker: int) -> str:
    """Each worker has a Redis database of its own, as it has a PostgreSQL one."""
    address = urlsplit(url)
    if address.scheme == "unix":
        return f"unix://{address.path}?db={worker}"
    return address._replace(path=f"/{int(address.path.strip('/') or 0) + worker}").geturl()


def main() -> int:
    try:
        provide_services()
    except ServiceError as error:
        raise SystemExit(str(error)) from None
    return subprocess.call([sys.executable, *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())

if "pytest" in sys.modules:
    provide_services()
