# The verbs of Updraft. `make help` lists them. Only Python 3.11 to 3.13 and make are needed; everything else is installed
# into .venv from the hashed locks.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PORT ?= 3000
# uv trusts what the machine trusts, as pip does: a company's certificates are there, not among those uv brings along
export UV_SYSTEM_CERTS ?= 1
CODE := ingestion warehouse orchestration dbt_project/updraft_engine dbt_project/updraft_kernels tests

define NOT_DOWNLOADED
printf '%s\n' "updraft: the packages could not be fetched; the reason stands above. What helps:" \
	"  a proxy                    HTTPS_PROXY=http://HOST:PORT" \
	"  a company's certificates   SSL_CERT_FILE=/path/ca.pem PIP_CERT=/path/ca.pem" \
	"  a mirror of the index      PIP_INDEX_URL=URL UV_DEFAULT_INDEX=URL" \
	"Set it in front of the command and repeat: SSL_CERT_FILE=/path/ca.pem PIP_CERT=/path/ca.pem make run" >&2; exit 1
endef

.DEFAULT_GOAL := help
.PHONY: help run live ui test check look bench format generated extras scale lock clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP) ## run the main job on the built-in sample vendors, publish, print the answer
	@$(BIN)/updraft run

live: $(STAMP) ## the same from the real vendors: about 950 questions, about six minutes the first time
	@$(BIN)/updraft run --vendors live --tier core

ui: $(STAMP) ## Dagster on 127.0.0.1:3000 (PORT=…), with the home of UPDRAFT_VENDORS (sample)
	@$(BIN)/updraft port-is-free $(PORT)
	@$(BIN)/updraft manifest >/dev/null
	@home="$$($(BIN)/updraft ui-home)" && DAGSTER_HOME="$$home" DAGSTER_DISABLE_TELEMETRY=1 PATH="$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/dagster dev -h 127.0.0.1 -p $(PORT)

test: $(STAMP) ## the whole suite
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest

check: $(STAMP) ## lint, types, SQL format, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfmt --check --quiet dbt_project/models dbt_project/macros dbt_project/tests
	@$(BIN)/python -m ingestion.registry --check
	@$(BIN)/python -m orchestration.render --check
	@$(BIN)/python -m ingestion.calendar --check
	@$(BIN)/python -m ingestion.sample.seeds --check

look: $(STAMP) ## screenshots of the page and of the Dagster UI in headless Chromium, with a run started there
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/look/look.py

bench: $(STAMP) ## one table of what each stage costs; then the promises at length (an hour)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/bench/stages.py
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/bench/as_of.py --work warehouse/data/bench/as_of
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/bench/determinism.py --work warehouse/data/bench/determinism

format: $(STAMP) ## format Python and SQL
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/sqlfmt --quiet dbt_project/models dbt_project/macros dbt_project/tests

generated: $(STAMP) ## write the files that are derived from others
	@$(BIN)/python -m ingestion.calendar
	@$(BIN)/python -m ingestion.sample.seeds
	@$(BIN)/python -m ingestion.registry
	@$(BIN)/python -m orchestration.render

extras: $(STAMP) ## install what more than one machine needs (README: When one machine is not enough)
	@$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r scale.lock || { $(NOT_DOWNLOADED); }
	@touch $(VENV)/.extras

scale: extras ## prove it on real engines of its own on loopback (Debian: apt-get install postgresql openjdk-17-jre-headless)
	@PATH="$(CURDIR)/$(BIN):$$PATH" UPDRAFT_SCALE=1 $(BIN)/python -m pytest -n 0 tests/scale

lock: $(STAMP) ## resolve the locks anew
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --constraint requirements.lock --custom-compile-command "make lock" --quiet -o scale.lock
	@echo uv | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --custom-compile-command "make lock" --quiet -o bootstrap.lock

clean: ## remove what was installed and built; data homes stay
	@rm -rf $(VENV) dbt_project/target dbt_project/logs .mypy_cache .ruff_cache .pytest_cache

$(STAMP): requirements.lock bootstrap.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "updraft needs Python 3.11 to 3.13, and there is no '$(PYTHON)'. Install it, or: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { \
		echo "updraft needs Python 3.11 to 3.13; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "this Python has no ensurepip, so no environment can be made. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "setting up .venv (once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock || { $(NOT_DOWNLOADED); }
	@$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock || { $(NOT_DOWNLOADED); }
	@test ! -e $(VENV)/.extras || $(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r scale.lock || { $(NOT_DOWNLOADED); }
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@$(BIN)/updraft manifest >/dev/null
	@touch $(STAMP)
