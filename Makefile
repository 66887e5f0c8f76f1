# Everything is made inside this folder: the environment in .venv/, what is built in build/ and dist/.
# `make PYTHON=python3.13 test` chooses the interpreter that .venv/ is made from.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help tour test test-all test-oldest test-frontends test-workers faults lint types page wheel bench readme pictures docs format clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# what a file shares is made once: all of it runs in one worker, and the longest file is started first (`tests/kinds.py`)
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
# of two cores that do nothing else: 260 s of CPU, and what was measured
QUICK := 3
ALL := 24
# the kinds of tests (`tests/kinds.py`) that start something
STARTING := installer or kernel or server or shells or faults or peers or workers
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# each of the thousand processes that the tests start would compile again what it imports
unexport PYTHONDONTWRITEBYTECODE
# uv brings its own certificates; the machine's may be needed, and pip trusts them already
export UV_SYSTEM_CERTS := true

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

tour: $(VENV)/.tour ## run the tour notebook in a real kernel, show it here as it runs, and as HTML in build/
	$(BIN)/python examples/run_tour.py

test: $(VENV)/.test ## run the suite for while you work: all that starts little, and one of each real thing
	@echo "all that starts little, and one of each real thing: about $(QUICK) minutes on two cores (\`make test-all\` is everything)"
	$(PYTEST) -m quick

test-all: $(VENV)/.frontends ## run everything, the front ends too
	@echo "everything: about $(ALL) minutes on two cores"
	$(PYTEST) tests tests/frontends

test-oldest: $(VENV)/.test ## run what starts nothing, with the oldest dependencies that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --seed --python $(BIN)/python $(VENV)-oldest
	$(BIN)/uv pip install --quiet --python $(VENV)-oldest --resolution lowest-direct --editable . --group oldest
	$(VENV)-oldest/bin/python -m pytest -n 2 --dist loadfile -m "quick and not ($(STARTING))"

test-frontends: $(VENV)/.frontends ## drive JupyterLab, Notebook and the other front ends; needs Chromium
	$(PYTEST) tests/frontends

test-workers: $(VENV)/.test ## ask real clusters: dask, IPython Parallel, Ray, Spark (which needs Java)
	$(PYTEST) tests/workers

faults: $(VENV)/.test ## kill installs at every moment, and count what is whole (hours; `FAULTS=--small` is quicker)
	$(BIN)/python -m tests.faults $(FAULTS)

lint: $(VENV)/.lint ## check style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.frontends $(VENV)/.lint ## check types
	$(BIN)/mypy

page: ## check the page's JavaScript: tests, types and lint; needs Node and npm
	scripts/page/check

wheel: $(VENV)/.test ## build sdist and wheel into dist/, and try the wheel in fresh environments
	rm -rf dist
	$(BIN)/hatchling build
	$(BIN)/python -m pytest -q tests/test_wheel.py

bench: $(VENV)/.frontends ## compare the speed with importlib.metadata, pip and uv
	$(BIN)/python -m benchmarks

readme: $(VENV)/.test ## write the output blocks of README.md and the guides again, for real (`PAGES=json` names some)
	$(BIN)/python -m tests.readme $(PAGES)

pictures: $(VENV)/.frontends ## take the pictures of README.md and docs/ again, in a real JupyterLab (`PICTURES=workers` names some)
	$(BIN)/python -m tests.frontends.pictures $(PICTURES)

docs: $(VENV)/.docs ## build README.md and docs/ as a site into build/site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "build/site/index.html"

format: $(VENV)/.lint ## format the code, and repair what ruff can repair
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove everything that was made here
	rm -rf $(VENV) $(VENV)-oldest .envs build dist examples/build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "ipython_where needs Python 3.11 or newer; \`$(PYTHON)\` is $$($(PYTHON) --version 2>&1)"; \
	  echo; echo "hint: \`make PYTHON=/path/to/python3 $(MAKECMDGOALS)\`"; exit 1; } >&2
	@echo "making $(VENV)/ and what it needs: once, a minute or two"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade "pip>=25.1" # the first that knows --group
	@touch $@

$(VENV)/.%: pyproject.toml $(VENV)/.made
	$(PIP) install --editable . --group $*
	@touch $@
