"""What a process holds in memory."""

from __future__ import annotations

from pathlib import Path


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its children, in MB; what they share is counted once."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    rows = [line.split() for p in pids for line in Path(f"/proc/{p}/smaps_rollup").read_text().splitlines()]
    return sum(int(row[1]) for row in rows if row[0] == "Pss:") * 1024 / 1_000_000
