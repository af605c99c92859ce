# Galaxy in one word each. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
SANDBOX := .venv-sandbox
BIN := $(VENV)/bin
PROCESSES ?= 3
ONLY ?=

# Many people have their own EMAIL in the environment: only `make link EMAIL=...` counts.
ifeq ($(origin EMAIL),environment)
EMAIL :=
endif

# Programs are run on Linux only.
ifeq ($(shell uname -s),Linux)
SANDBOX_STAMP := $(SANDBOX)/sandbox.stamp
endif

.PHONY: run stop link invite doctor test lint format bench lock help

run: $(VENV)/base.stamp $(SANDBOX_STAMP) ## install what is missing and run Galaxy; Ctrl-C stops it
	@exec $(BIN)/python manage.py up

stop: $(VENV)/base.stamp ## stop the Galaxy that runs on this data folder
	@$(BIN)/python manage.py stop

link: $(VENV)/base.stamp ## print a new sign-in link for the owner, or with EMAIL=bob@example.org for Bob
	@$(BIN)/python manage.py sign_in_link "$(EMAIL)"

invite: $(VENV)/base.stamp ## print a link with which EMAIL=bob@example.org joins as a new person
	@$(BIN)/python manage.py invite "$(EMAIL)"

doctor: $(VENV)/base.stamp ## say what is wrong and how to solve it
	@$(BIN)/python manage.py doctor

test: $(VENV)/dev.stamp $(SANDBOX_STAMP) ## run every test, on real parts and in a browser; ONLY=chat runs those of tests/chat
	@.ci/test-programs
	@$(BIN)/python -m pytest -n $(PROCESSES) $(ONLY:%=tests/%)

lint: $(VENV)/dev.stamp ## style, types, import contracts, templates, scripts
	@echo "ruff";     $(BIN)/ruff check -q . && $(BIN)/ruff format -q --check .
	@echo "mypy";     $(BIN)/mypy --no-error-summary .
	@echo "imports";  PYTHONPATH=.:platform $(BIN)/lint-imports --no-cache | tail -n 1
	@echo "templates"; if [ -d templates ]; then find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 --check; fi
	@echo "scripts";  for script in .ci/*; do bash -n "$$script"; done; $(BIN)/bashate -i E006 .ci/*
	@if command -v node >/dev/null; then echo "javascript"; find static -name '*.js' -not -path '*/vendor/*' -exec node --check {} \; ; fi

format: $(VENV)/dev.stamp ## format the sources
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

bench: $(VENV)/dev.stamp ## measure; the results are in bench/results
	@$(BIN)/python -m bench

lock: $(VENV)/dev.stamp ## lock the newest versions that fit requirements/*.in
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		requirements/base.in -o requirements/base.txt --excludes requirements/excludes.txt --upgrade
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		requirements/dev.in -o requirements/dev.txt --upgrade
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		requirements/sandbox.in -o requirements/sandbox.txt --upgrade

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(VENV)/base.stamp: requirements/base.txt
	@.ci/install $(PYTHON) $(VENV) base

$(VENV)/dev.stamp: requirements/base.txt requirements/dev.txt
	@.ci/install $(PYTHON) $(VENV) base dev

$(SANDBOX)/sandbox.stamp: requirements/sandbox.txt
	@.ci/install $(PYTHON) $(SANDBOX) sandbox || echo "Galaxy runs without it, but cannot run Python programs (docs/sandbox.md)." >&2
