# Huopan: `make help` lists what there is. Needs Python 3.11 or newer (with venv) and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
# Set it to 1 to leave uv aside and install by pip alone.
WITHOUT_UV ?=
# How many processes run the tests: one more than cores here, because some tests wait.
PROCESSES ?= 3
# The newest that Huopan is tested with comes first; `python3` itself wins when it is new enough.
PYTHONS := python3 python3.13 python3.12 python3.11
NEW_ENOUGH := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
# Checks need no server; should something connect after all, it is refused at once.
NOWHERE := DATABASE_URL=postgres://127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0

# Every run starts a dozen Pythons; each would compile all it imports anew, for three seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check format bench messages states pictures requirements

help: ## List the commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | \
		while IFS="$$(printf '\t')" read -r name words; do printf '  make %-14s%s\n' "$$name" "$$words"; done

setup: $(STAMP) ## Install everything into .venv

run: $(STAMP) ## Run all of Huopan with a demo (HUOPAN_PORT, HUOPAN_HOME, HUOPAN_DEMO)
	@exec $(BIN)/python -m running

test: $(STAMP) ## Run every test (ARGS="-k deposit" to choose)
	$(BIN)/python -m pytest -n $(PROCESSES) $(ARGS)

# Each a target of its own, so that `make -k check` tells of all at once.
CHECKS := checked-format checked-lint checked-types checked-layers checked-settings checked-migrations \
	checked-translations checked-states
.PHONY: $(CHECKS)
check: $(CHECKS) ## Check format, lint, types, layers, migrations, translations and state pages

checked-format: $(STAMP)
	$(BIN)/ruff format --check .
checked-lint: $(STAMP)
	$(BIN)/ruff check .
checked-types: $(STAMP)
	$(NOWHERE) $(BIN)/mypy .
checked-layers: $(STAMP)
	$(NOWHERE) $(BIN)/lint-imports
checked-settings: $(STAMP)
	$(NOWHERE) $(BIN)/python manage.py check --fail-level WARNING
checked-migrations: $(STAMP)
	$(NOWHERE) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
checked-translations: $(STAMP)
	$(BIN)/python -m running.translating check
checked-states: $(STAMP)
	$(NOWHERE) $(BIN)/python manage.py document_machines --check

format: $(STAMP) ## Format the code and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## Measure (PEERS=1: django-oscar beside it; ARGS are passed on)
	$(BIN)/python -m bench $(if $(filter 1,$(PEERS)),--peers) $(ARGS)

messages: $(STAMP) ## Compile the translations
	$(BIN)/python -m running.translating compile

states: $(STAMP) ## Write the pages of the state machines (docs/states)
	$(NOWHERE) $(BIN)/python manage.py document_machines

pictures: $(STAMP) ## Take the README's pictures from a demo that runs (HUOPAN_PORT)
	$(BIN)/python manage.py take_pictures

requirements: $(BIN)/python ## Pin the dependencies anew, with hashes and without addresses
	$(BIN)/python -c 'import uv' 2>/dev/null || $(BIN)/python -m pip install --quiet uv
	for set in setup base embedded dev; do \
		$(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url --no-emit-find-links $(UPGRADE) \
			--output-file requirements/$$set.txt requirements/$$set.in || exit 1; \
	done

$(STAMP): requirements/dev.txt requirements/setup.txt | $(BIN)/python
	@if [ -z "$(WITHOUT_UV)" ] && $(BIN)/python -m pip install --quiet --require-hashes -r requirements/setup.txt; then \
		$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
	else \
		$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt; \
	fi
	@touch $@

$(BIN)/python:
	@for python in $(PYTHONS); do \
		if "$$python" -c '$(NEW_ENOUGH)' 2>/dev/null; then exec "$$python" -m venv $(VENV); fi; \
	done; \
	echo "Huopan needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)." >&2; exit 1
