"""Stand-in registries over a real socket, built from the corpus' own citations, with faults on request."""

from studies.sources.standin.papers import Paper, Papers, Said, StandinTrial, papers_of, read_papers
from studies.sources.standin.scenario import Scenario, ScenarioError, read_scenario, read_yaml, scenario_of
from studies.sources.standin.server import Standin
from studies.sources.standin.wire import Fault, Question

__all__ = [
    "Fault",
    "Paper",
    "Papers",
    "Question",
    "Said",
    "Scenario",
    "ScenarioError",
    "Standin",
    "StandinTrial",
    "papers_of",
    "read_papers",
    "read_scenario",
    "read_yaml",
    "scenario_of",
]
