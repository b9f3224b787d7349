# Two commands are enough: `make run` and `make test`. Needs make and Python 3.11 or newer with its venv module.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)  # two more than there are cores: browsers and keys wait a lot
FENER_DEMO ?= 1
FENER_KEY_CUSTODY ?= file

.DEFAULT_GOAL := help
.PHONY: help run test again setup setup-dev check semgrep sbom bench lock clean

help:
	@echo "make run    start Fener on http://localhost:8080 with its demo network"
	@echo "make test   everything: lint, types, import contracts, all tests, content"
	@echo "make setup  only prepare .venv"
	@echo "make check  lint, types, import contracts, and what bandit knows of holes"
	@echo "make semgrep  whether words or addresses flow to where they must not"
	@echo "make sbom   a list of all that is not ours, with hashes: sbom.cdx.json"
	@echo "make bench  speed, beside yardsticks measured in the same run"

run: setup
	@FENER_DEMO="$(FENER_DEMO)" FENER_KEY_CUSTODY="$(FENER_KEY_CUSTODY)" $(BIN)/fener serve

test: setup-dev check
	$(BIN)/python -m bot check
	$(BIN)/python -m bot test
	$(BIN)/pytest -n $(TESTERS) --dist worksteal -rs || $(MAKE) --no-print-directory again

# What failed beside everything else, once more and alone, where FENER_TRY_AGAIN=1 asks for it (.ci/run does): a machine
# that others use, too, stops for seconds. What passes then was a race, of the test or of Fener: it is named, to be mended.
again:
	@[ "$(FENER_TRY_AGAIN)" = 1 ] || exit 1
	@echo "Failed beside everything else; now alone:"
	$(BIN)/pytest --last-failed --last-failed-no-failures none -x -v
	@echo "These passed alone. Each is a race: mend it."

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/vulture
	$(BIN)/deptry bot
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml bot tools

# Data flow: what no rule of one line finds. In a .venv of its own, because it brings seventy packages along.
SEMGREP := $(CURDIR)/.venv-semgrep/bin/semgrep
semgrep: .venv-semgrep/stamp
	@SEMGREP_SEND_METRICS=off PATH="$(CURDIR)/.venv-semgrep/bin:$$PATH" $(SEMGREP) scan --quiet --test --config tools/semgrep tools/semgrep
	@SEMGREP_SEND_METRICS=off PATH="$(CURDIR)/.venv-semgrep/bin:$$PATH" $(SEMGREP) scan --quiet --error --metrics=off --disable-version-check --config tools/semgrep/rules.yaml --exclude vendor bot
	@echo "semgrep: nothing flows to where it must not"

.venv-semgrep/stamp: tools/semgrep/requirements.lock
	@echo "Installing semgrep (half a minute, once) ..."
	@$(PYTHON) -m venv .venv-semgrep
	@.venv-semgrep/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/semgrep/requirements.lock
	@touch $@

# What of others runs in Fener, with every hash: CycloneDX 1.6. The same checkout gives the same bytes.
sbom: setup-dev
	@$(BIN)/python tools/sbom.py > sbom.cdx.json
	@echo "sbom.cdx.json: $$(grep -c '"purl"' sbom.cdx.json) components"

bench: setup-dev
	$(BIN)/python -m bench

setup: $(VENV)/run.stamp

setup-dev: $(VENV)/dev.stamp

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Fener needs Python 3.11 or newer with its venv module: on Debian or Ubuntu run 'sudo apt install python3 python3-venv', elsewhere install it from python.org, then try again."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what Fener needs (a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need (two minutes, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp

# Only when pyproject.toml's dependencies change. Lock files hold names and hashes, never where packages came from.
lock: setup-dev
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra dev --output-file requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file tools/semgrep/requirements.lock tools/semgrep/requirements.in

clean:
	rm -rf $(VENV) .venv-semgrep .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info test-artefacts
