"""Run the stand-in registries: `python -m studies.sources.standin --port 9009 [--evidence evidence]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from studies.sources.standin import Papers, Scenario, Standin, read_papers, read_scenario

HOW = """Six registries stand in at {url}, with {dois} DOIs, {pmids} PubMed numbers and {trials} trials.
Use them with
  {settings} make run
Make something go wrong, move a scenario on, and see what was asked:
  curl -d '{{"kind": "status", "status": 429, "retry_after": "5", "times": 2}}' {url}/_standin/faults
  curl -d '{{"day": 3}}' {url}/_standin/day
  curl {url}/_standin/requests
Ctrl-C ends it.
"""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m studies.sources.standin", description=__doc__)
    parser.add_argument("--port", type=int, default=9009)
    parser.add_argument("--evidence", type=Path, default=Path("evidence"), help="the folder with studies/")
    parser.add_argument("--scenario", type=Path, help="a YAML file: see studies/sources/standin/scenario.py")
    parser.add_argument("--keep-limits", action="store_true", help="answer 429 beyond the documented rates")
    parser.add_argument("--speed", type=float, default=1, help="keep the limits at so many times the speed")
    options = parser.parse_args()
    scenario = read_scenario(options.scenario) if options.scenario else Scenario()
    papers = read_papers(options.evidence) if scenario.has_corpus else Papers()
    limits = {"keep_limits": options.keep_limits, "speed": options.speed}
    standin = Standin(papers, port=options.port, scenario=scenario, **limits)
    counts = {"dois": len(papers.by_doi), "pmids": len(papers.by_pmid), "trials": len(papers.trials)}
    settings = " ".join(f"{name}={address}" for name, address in standin.settings.items())
    sys.stdout.write(HOW.format(url=standin.url, settings=settings, **counts))
    sys.stdout.flush()
    try:
        standin.serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("Stopped.\n")


if __name__ == "__main__":
    main()
