# The verbs of Hongyan. Paths are relative throughout, so that the tree may lie in a directory with blanks in its name.

PYTHON := .venv/bin/python
UV_VERSION := 0.13.9
SECONDS ?= 60
PROTOCOL ?= all
N ?= 100

.DEFAULT_GOAL := help
.PHONY: help setup fmt check peers test run bench fuzz nightly kill-loop kill-mutants lock changelog clean

help:  ## Print these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/.stamp  ## Make .venv with everything pinned, and hongyan in it

# Python 3.11 if there is one, else a python3 that is newer. Hashes are required: what is installed is what was locked.
.venv/.stamp: requirements/dev.lock
	@python=$$(command -v python3.11 || command -v python3) \
	  && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make setup needs Python 3.11 or later (on Debian: apt-get install python3 python3-venv)" >&2; exit 1; }; \
	"$$python" -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.stamp

fmt: setup  ## Format the sources and mend what can be mended by itself
	$(PYTHON) -m ruff format
	$(PYTHON) -m ruff check --fix

check: setup  ## Format, lint, types, layers, size and spelling; under a minute
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -q tests/tidy
	$(PYTHON) -m codespell_lib

peers: build/peers/npm/.stamp build/peers/kannel/.stamp  ## Fetch SMPP peers that others wrote; what cannot be had is skipped

PEER := tests/conformance/carriers/foreign

build/peers/npm/.stamp: $(PEER)/npm/package-lock.json
	@mkdir -p $(@D) && cp $(PEER)/npm/package.json $(PEER)/npm/package-lock.json $(@D)
	@if command -v npm >/dev/null && npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent; then touch $@; \
	  else echo "make peers: npm cannot fetch smpp here; its tests will be skipped" >&2; fi

# Debian's Kannel and what it needs, unpacked beside everything else: nothing is installed.
build/peers/kannel/.stamp: $(PEER)/kannel/packages.txt
	@mkdir -p $(@D)
	@if command -v apt-get >/dev/null && command -v dpkg >/dev/null \
	    && packages=$$(cat $(PEER)/kannel/packages.txt) && cd $(@D) \
	    && { apt-get -qq download $$packages 2>/dev/null || { apt-get -qq update && apt-get -qq download $$packages; } } >/dev/null 2>&1 \
	    && for package in *.deb; do dpkg -x "$$package" .; done; then touch .stamp; \
	  else echo "make peers: apt-get cannot fetch Kannel here; its tests will be skipped" >&2; fi

test: check peers  ## Everything that can fail: check, then all tests
	$(PYTHON) -m pytest

run: setup  ## Run the platform with simulated carriers and phones; its data lies in ./var
	@$(PYTHON) -P -m hongyan up --demo --data var

bench: setup  ## Measure: PDUs, links, then the whole road (into the terminal)
	$(PYTHON) -m benchmarks.codec
	$(PYTHON) -m benchmarks.links
	$(PYTHON) -m benchmarks.end_to_end

fuzz: setup  ## Throw mutated bytes at PROTOCOL=all for SECONDS=60 each
	$(PYTHON) -m fuzz --protocol $(PROTOCOL) --seconds $(SECONDS)

nightly: setup  ## What takes too long for every change: 60 s of fuzzing for each carrier protocol
	$(PYTHON) -m fuzz --protocol all --seconds 60

kill-loop: setup  ## Kill parts of the platform N=100 times under load and compare the ledgers
	$(PYTHON) -m tests.kill --rounds $(N)

kill-mutants: setup  ## Put three mistakes into the platform, one by one, and see that the kill loop finds each
	$(PYTHON) -m tests.kill --rounds 10 --mutants

lock: setup  ## Resolve the dependencies anew and write requirements/*.lock
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	build/lock/bin/uv pip compile $(LOCK_OPTIONS) --output-file requirements/run.lock pyproject.toml
	build/lock/bin/uv pip compile $(LOCK_OPTIONS) --output-file requirements/dev.lock --extra dev pyproject.toml
	rm -rf build/lock

# Addresses of registries stay out: they are the business of the machine that installs.
LOCK_OPTIONS := --quiet --upgrade --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
  --python-version 3.11

changelog: setup  ## Gather changes/ into CHANGELOG.md, at a release (VERSION=1.2.3)
	$(PYTHON) -m towncrier build --yes --version $(VERSION)

clean:  ## Remove caches and what was built; .venv and var stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache benchmarks/results
	find src tests benchmarks fuzz -name __pycache__ -type d -prune -exec rm -rf {} +
