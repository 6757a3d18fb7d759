"""The directory that keeps this installation's data: who holds it, its secret, where its services listen."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO

# Always here and never under TMPDIR: two shells of one user must find the same sockets.
SOCKETS = Path("/tmp")  # noqa: S108 - the directory made there is checked in make_socket_dir


class ServiceError(RuntimeError):
    """The site or one of its services cannot run here; the message says what to do, in one line."""


class HeldError(ServiceError):
    """Another process holds the data directory."""


def socket_dir(data_dir: Path) -> Path:
    """Where the services of this data directory listen: the same at every call, and short.

    The system allows about 100 bytes for the path of a socket, which a data directory may well exceed.
    """
    owner = f"{os.getuid()}:{data_dir.resolve()}"
    return SOCKETS / f"ldn-kb-{hashlib.sha256(owner.encode()).hexdigest()[:12]}"


def make_socket_dir(data_dir: Path, owner: int) -> None:
    """Make the socket directory, for its owner only; refuse one that somebody else has put there."""
    folder = socket_dir(data_dir)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in (os.getuid(), owner) or found.st_mode & 0o077:
        raise ServiceError(f"{folder} was made by somebody else: remove it, or choose another DATA_DIR")
    if found.st_uid != owner:
        os.chown(folder, owner, -1)


def make_data_dir(data_dir: Path) -> None:
    """Make the directory and its parts, for their owner only.

    Raises:
        ServiceError: it cannot be written to.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in ("logs", "run"):
            (data_dir / folder).mkdir(exist_ok=True)
        (data_dir / "run" / "lock").open("a").close()
    except OSError as error:
        raise ServiceError(
            f"Cannot write to DATA_DIR {data_dir} ({error.strerror}): "
            "choose another with DATA_DIR=/path/to/data, or set SECRET_KEY, DATABASE_URL and REDIS_URL."
        ) from None


def read_or_make_secret(data_dir: Path) -> str:
    """The secret key of this installation, made at the first start and readable by its owner only."""
    path = data_dir / "secret-key"
    try:
        make_data_dir(data_dir)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(50))
        return path.read_text()
    except OSError as error:
        raise SystemExit(
            f"{path} cannot be read ({error.strerror}): run as its owner, or set SECRET_KEY."
        ) from None
    except ServiceError as error:
        raise SystemExit(str(error)) from None


def _write_once(path: Path, text: str) -> None:
    """Write a file whole or not at all; the first of several writers wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[None]:
    """Hold the data directory alone for the block; it is free again when the process ends, however it ends.

    Raises:
        HeldError: another process holds it.
    """
    with (data_dir / "run" / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HeldError(
                f"Another `make run` or manage.py command uses {data_dir}: "
                "stop it, or choose another DATA_DIR."
            ) from None
        yield


@contextlib.contextmanager
def use(data_dir: Path) -> Iterator[None]:
    """Use the services that another process holds: it is asked not to stop them before the block ends."""
    with _users(data_dir) as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield


def wait_for_users(data_dir: Path) -> None:
    """Return once no other process uses the services."""
    with _users(data_dir) as users:
        fcntl.flock(users, fcntl.LOCK_EX)


def _users(data_dir: Path) -> IO[str]:
    return (data_dir / "run" / "users").open("a")
