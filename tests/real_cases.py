"""The folder of real third-party answers, where there is one; tests that need it are skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest


def _find() -> Path | None:
    folders = (parent / "shared/real-cases" for parent in Path(__file__).resolve().parents)
    return next((folder for folder in folders if folder.is_dir()), None)


FOLDER = _find()
REAL_CASES = FOLDER or Path("real-cases-are-not-here")
needs_real_cases = pytest.mark.skipif(FOLDER is None, reason="the folder of real answers is not here")
