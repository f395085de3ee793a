# Everything there is to run. Each target first makes what it needs (scripts/setup.sh), which takes no time once it is there.
BIN := .venv/bin
DATA ?= demo-output/data
PORT ?= 8420
KILLS ?= 1000
MINUTES ?= 30
TRACES ?= 20
CORRUPTIONS ?= 2000
SEEDS ?= 50000
EXAMPLES ?= 500
HISTORIES ?= 7500
# Of the tests: many wait more than they compute, and four of them, which are half of all, compute only.
WORKERS ?= $(shell expr $$(nproc) + 2)

# Where this is set, every process that the tests start would compile all of its libraries again: a second each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check lint types rules format server desk bench screenshots build clean setup setup-screen setup-tests
.PHONY: torture torture-machines torture-simulation torture-mutants torture-kills torture-servers torture-files

help:
	@echo "make demo         server with demo data, scripted customers, the desktop; without a display a driven story with screenshots"
	@echo "make test         check, then all tests"
	@echo "make check        ruff, mypy --strict, import rules, house rules"
	@echo "make format       let ruff put the sources in order"
	@echo "make server       the server on DATA=$(DATA) and PORT=$(PORT), with demo accounts"
	@echo "make desk         the desktop, pointed at that server"
	@echo "make bench        the figures of docs, measured here"
	@echo "make torture      the faults of docs/reliability.md at length: EXAMPLES=$(EXAMPLES), HISTORIES=$(HISTORIES), SEEDS=$(SEEDS), KILLS=$(KILLS), MINUTES=$(MINUTES), TRACES=$(TRACES), CORRUPTIONS=$(CORRUPTIONS)"
	@echo "make screenshots  the pictures of the README, taken anew"
	@echo "make build        the desktop as a program of its own, in dist/fieldline"
	@echo "make clean        away with everything made here (not with databases)"

setup:
	@scripts/setup.sh

setup-screen: setup
	@scripts/setup.sh --system

setup-tests: setup
	@scripts/setup.sh --tests

demo: setup-screen
	@$(BIN)/python -m demo

test:
	@$(MAKE) --no-print-directory -j2 -O check setup-tests
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --ignore=tests/architecture  # which check has just run

check: lint types rules

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file pyproject.toml -p tests -p demo

rules: setup
	@$(BIN)/lint-imports >/dev/null || { $(BIN)/lint-imports; false; }
	@$(BIN)/pytest -q tests/architecture

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

server: setup
	@$(BIN)/fieldline-server run --data $(DATA) --port $(PORT) --demo

desk: setup-screen
	@$(BIN)/fieldline --server http://127.0.0.1:$(PORT)

bench: setup-screen
	@$(BIN)/python -m tests.bench

# One tier alone: make torture-kills KILLS=60. All of them, whatever one of them finds: make -k torture.
torture: torture-machines torture-simulation torture-mutants torture-kills torture-servers torture-files
	@$(BIN)/python -m tests.faults.report

torture-simulation: setup
	@$(BIN)/python -m tests.faults.simulation --seeds $(SEEDS) --workers 2

torture-mutants: setup
	@$(BIN)/python -m tests.faults.mutants --search 200

torture-machines: setup-screen
	@$(BIN)/python -m tests.faults.machines --examples $(EXAMPLES) --histories $(HISTORIES)

torture-kills: setup-screen
	@$(BIN)/python -m tests.faults.processes --kills $(KILLS)

torture-servers: setup-screen
	@$(BIN)/python -m tests.faults.many_servers --minutes $(MINUTES)

torture-files: setup-screen
	@$(BIN)/python -m tests.faults.torn_writes --traces $(TRACES) --corruptions $(CORRUPTIONS)

screenshots: setup-screen
	@$(BIN)/python -m demo --screenshots docs/images

build: setup-screen
	@$(BIN)/pyinstaller --noconfirm --log-level WARN build.spec

clean:
	rm -rf .venv .uv build dist demo-output bench-output torture-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
