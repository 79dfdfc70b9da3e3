# What there is to do with Driftline. `make` alone lists it.

PYTHON  ?= python3
PORT    ?= 8501
ADDRESS ?= localhost
FUZZ_SECONDS ?= 60
AZURITE := 3.35.0
NODE    := 24.19.0

# The tests start Azurite with the `node` they find, which may have had to be installed.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test unit e2e lint format fuzz bench screenshots clean chromium

help:  ## list what there is to do
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: .venv/app-installed  ## run the app on made-up data (PORT=8501, ADDRESS=localhost)
	DRIFTLINE_DEMO=1 .venv/bin/streamlit run app.py \
		--server.port $(PORT) --server.address $(ADDRESS)

test: lint .tools/azurite-$(AZURITE) chromium  ## install what the tests need, and run all checks
	.venv/bin/pytest

unit: .venv/tests-installed .tools/azurite-$(AZURITE)  ## the tests that need no browser
	.venv/bin/pytest --ignore=tests/e2e

e2e: .venv/tests-installed chromium  ## the tests in a real browser
	.venv/bin/pytest tests/e2e

lint: .venv/tests-installed  ## ruff and mypy
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

format: .venv/tests-installed  ## put the code into shape
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

fuzz: .venv/tests-installed  ## read odd files, settings and links for FUZZ_SECONDS=60
	.venv/bin/python -W error -W ignore::ResourceWarning -m tests.fuzz --seconds $(FUZZ_SECONDS)

bench: .venv/tests-installed  ## measure speed, memory and verdicts, also of four other tools
	@set -e; for file in tests/bench/*.py; do .venv/bin/python "$$file"; done

screenshots: .venv/tests-installed chromium  ## take README's pictures; all pages with FOLDER=…
	.venv/bin/python tests/e2e/screenshots.py $(FOLDER)

clean:  ## remove all that was made or installed here, but no settings
	rm -rf .venv .tools .hypothesis .mypy_cache .pytest_cache .ruff_cache test-results
	find app.py lib pages tests -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@sh .ci/venv $(PYTHON)

.venv/app-installed: requirements.txt | .venv/bin/python
	@echo "Installing the app's packages into .venv"
	@.venv/bin/pip install --quiet -r requirements.txt
	@touch $@

.venv/tests-installed: tests/requirements.txt .venv/app-installed
	@echo "Installing the tests' packages into .venv"
	@.venv/bin/pip install --quiet -r tests/requirements.txt
	@touch $@

.tools/azurite-$(AZURITE): | .venv/bin/python
	@sh .ci/azurite $(AZURITE) $(NODE)
	@touch $@

chromium:
	@sh .ci/chromium
