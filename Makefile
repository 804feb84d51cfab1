# Two commands: `make demo` to see it work, `make test` to test it.
# Needs Python >= 3.11 (with venv) and make; everything else is fetched by pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DAYS ?= 3
KILLS ?= 200
MINUTES ?= 10
CUTS ?= 10
WORKERS ?= 2
export PYTHONDONTWRITEBYTECODE := 1
export DENO_NO_UPDATE_CHECK := 1

.PHONY: help setup demo test quick check format bench chaos chaos-power chaos-mutants chaos-hostile mutants requirements clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## Install everything into .venv

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Saduak needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (once; about a minute) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## See it work: seven sites, a real Kafka, the national scorecard (DAYS=3, ONCE=1)
	@$(BIN)/saduak demo --days $(DAYS) $(if $(ONCE),--once)

test: $(STAMP) ## Test everything that can run on this machine
	@$(BIN)/python -m tests.equipment
	@$(BIN)/pytest -n $(WORKERS)

quick: $(STAMP) ## The inner loop: every test that needs no server; one service's others too (SERVICE=ticketing)
	@$(BIN)/python -m pytest -q -n $(WORKERS) -p tests.serverless --hypothesis-profile quick $(addprefix --whole ,$(SERVICE))

check: $(STAMP) ## Format, lint, strict types, architecture, generated files and standards
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/deno fmt --check
	$(BIN)/deno lint
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/saduak contract check
	$(BIN)/saduak standards check
	$(BIN)/saduak dashboards check

format: $(STAMP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/deno fmt

bench: $(STAMP) ## Measure, beside bare ceilings of the same run
	$(BIN)/python -m benchmarks

chaos: $(STAMP) ## Kill relay, reporting and broker at random (KILLS=200)
	$(BIN)/python -m tests.chaos --kills $(KILLS)

chaos-power: $(STAMP) ## Kill everything at once in the middle of a day (CUTS=10)
	$(BIN)/python -m tests.chaos --cuts $(CUTS)

chaos-mutants: $(STAMP) ## Plant each of the known mistakes: the kill test must fail on every one
	$(BIN)/python -m tests.chaos --mutants

chaos-hostile: $(STAMP) ## A hostile site beside the others, without kills and with 50 (MINUTES=10)
	$(BIN)/python -m tests.chaos --hostile --minutes $(MINUTES)
	$(BIN)/python -m tests.chaos --hostile --minutes $(MINUTES) --kills 50

mutants: $(STAMP) ## Plant small mistakes in the pure rules: a test must notice each (under half an hour)
	$(BIN)/python -m tests.mutation

PIN := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
SAME := --constraint requirements/dev.txt

requirements: ## Pin what pyproject.toml asks for: names and hashes only (needs uv)
	$(PIN) --extra dev -o requirements/dev.txt
	$(PIN) $(SAME) --extra ticketing --extra feedback -o requirements/site.txt
	$(PIN) $(SAME) --extra reporting -o requirements/reporting.txt
	$(PIN) $(SAME) --extra provision -o requirements/setup.txt

clean: ## Remove the environment, the demo's state and caches
	-@test -x $(BIN)/saduak && $(BIN)/saduak demo --stop
	rm -rf $(VENV) mutants .saduak .pytest_cache .ruff_cache .hypothesis build *.egg-info
