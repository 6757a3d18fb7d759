"""Each parser is total: in a bounded run a fuzzer finds nothing but facts and named errors."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from studies.domain import search_answer
from tests.fuzz.parsers import PARSERS

ROOT = Path(__file__).parents[2]
# Always the same tries: a failure here comes back at the next start. `make fuzz` tries others, for longer.
BOUNDS = ("-runs=2000", "-seed=1", "-max_total_time=60", "-timeout=30", "-rss_limit_mb=1000")

only_where_there_are_wheels = pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64") or sys.version_info >= (3, 14),
    reason="the fuzzer has no wheels for this platform; Hypothesis tries every parser on all",
)


def fuzz(name: str, folder: Path, *code: str) -> tuple[int, str, list[bytes]]:
    command = [sys.executable, *(code or ("-m", "tests.fuzz")), name, *BOUNDS, f"-artifact_prefix={folder}/"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=300)
    log = f"{done.stdout[-4000:]}\n{done.stderr[-1000:]}"
    return done.returncode, log, [file.read_bytes() for file in folder.iterdir()]


@only_where_there_are_wheels
@pytest.mark.parametrize("name", PARSERS)
def test_no_bytes_make_a_parser_raise_anything_but_its_own_error(name, tmp_path):
    code, log, offending = fuzz(name, tmp_path)
    assert code == 0, f"{name} breaks on {offending!r}\n{log}"
    assert "Done " in log


@only_where_there_are_wheels
def test_a_parser_that_breaks_is_found_with_the_offending_bytes(tmp_path):
    broken = (
        "import sys; from tests.fuzz import parsers, __main__ as fuzz; broken = lambda body: body.decode();"
        "parsers.PARSERS['esearch'] = parsers.Parser(broken, parsers.PARSERS['esearch'].questions);"
        "sys.argv[0] = 'fuzz'; fuzz.main()"
    )
    code, log, offending = fuzz("esearch", tmp_path, "-c", broken)
    assert code != 0
    assert "UnicodeDecodeError" in log
    with pytest.raises(UnicodeDecodeError):
        offending[0].decode()


@pytest.mark.parametrize("name", PARSERS)
def test_each_parser_reads_the_answer_that_it_starts_from(name):
    """A seed that is no answer would lead the fuzzer nowhere."""
    first, *_ = PARSERS[name].seeds()
    assert PARSERS[name].parse(first)


def test_every_parser_of_searches_is_fed():
    there = {getattr(search_answer, name) for name in dir(search_answer) if name.startswith("parse_es")}
    assert there <= {parser.parse for parser in PARSERS.values()}
