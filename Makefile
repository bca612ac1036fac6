# `make app` opens the page, `make test` checks everything, `make train` rebuilds the checkpoint.
# All of them first make a virtual environment in .venv; PYTHON chooses another interpreter.

PYTHON ?= $(shell command -v python3.11 || echo python3)
PRESET ?= cpu
VENV ?= .venv
BIN := $(VENV)/bin
SCRIPTS := node_modules/.installed
# A process for each free processor, each with whole files of tests, in the order of tests/conftest.py.
PYTEST := -m pytest -n auto --dist loadfile --no-loadscope-reorder

.PHONY: help app test test-pythons lint bundle train clean
.DEFAULT_GOAL := help
# A half-made .venv must not pass for a whole one.
.DELETE_ON_ERROR:

help:
	@echo "make app    open the app in the browser"
	@echo "make test   linters, the scripts' tests and pytest, as continuous integration runs them"
	@echo "make test-pythons  pytest with each Python that the README names and that is found here"
	@echo "make lint   ruff, mypy, import-linter, Biome, and whether the bundles are as the scripts are"
	@echo "make bundle make app/built anew after a script was changed"
	@echo "make train  run or resume the training, PRESET=smoke|cpu|gpu (default cpu)"
	@echo "make clean  remove .venv and caches"

app: $(VENV)/.installed $(VENV)/.libraries
	$(BIN)/streamlit run app/main.py

test: lint $(VENV)/.libraries $(VENV)/.chromium $(VENV)/.maniskill
	@$(call npm,test)
	$(BIN)/python $(PYTEST)

# Each has a virtual environment of its own, with the newest packages that requirements.txt allows.
test-pythons:
	@failed=; for version in 3.11 3.12 3.13; do \
		if ! python$$version -c '' 2>/dev/null; then echo "python$$version is not here"; continue; fi; \
		$(MAKE) VENV=.venv-$$version PYTHON=python$$version .venv-$$version/.installed-dev && \
		.venv-$$version/bin/python $(PYTEST) || failed="$$failed $$version"; \
	done; if [ -n "$$failed" ]; then echo "failed with Python$$failed"; exit 1; fi

lint: $(VENV)/.installed-dev $(SCRIPTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(call npm,run lint)

bundle: $(SCRIPTS)
	@$(call npm,run bundle)

train: $(VENV)/.installed
	$(BIN)/python -m nnit train --preset $(PRESET)

clean:
	rm -rf $(VENV) .venv-3.* node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Python packages: installed again only when the lists change -----------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		$(call apt,python$$version-venv,virtual environments,python3-venv); }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Optional tasks; their tests are skipped where there are no wheels.
$(VENV)/.maniskill: requirements-maniskill.txt $(VENV)/.installed
	@if [ "$$(uname -sm)" = "Linux x86_64" ] && $(BIN)/python -m pip install --quiet \
		--disable-pip-version-check --no-deps --only-binary :all: -r requirements-maniskill.txt; \
	then touch $@; else echo "the tests of ManiSkill3's tasks are left out: it cannot be installed here"; fi

# --- System libraries: asked of apt only where one is missing and we may ---------------------------

# $(call apt,PACKAGES,WHAT FOR,OTHERWISE): install PACKAGES, or those named OTHERWISE where there are no
# such packages, or say in one line what to install. Never fails: without a GL library everything but
# the videos works, without Chromium the browser tests are skipped.
install := DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends
define apt
{ missing="install $(1) for $(2)"; \
  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
    echo "installing $(1) for $(2)"; \
    { apt-get update -qq && { $(install) $(1) $(if $(3),|| $(install) $(3)); }; } >/dev/null 2>&1 || \
      echo "$$missing"; \
  else echo "$$missing"; fi; }
endef

# One of the two ways to draw is enough; they are installed apart, so that a distribution that lacks one
# still gets the other.
$(VENV)/.libraries: | $(BIN)/python
	@$(BIN)/python -c 'from ctypes.util import find_library as f; import sys; \
		sys.exit(not (f("OSMesa") or f("EGL") and f("GL")))' || \
		{ $(call apt,libegl1 libgl1 libgl1-mesa-dri,videos of the robot); \
		$(call apt,libosmesa6,videos of the robot); }
	@touch $@

$(VENV)/.chromium: | $(BIN)/python
	@command -v chromium >/dev/null || $(call apt,chromium,the browser tests)
	@touch $@

# --- Tools for the scripts in app/: without Node.js they are left out, and the app runs all the same ---

node := command -v npm >/dev/null && node -e 'process.exit(Number(parseInt(process.versions.node) < 18))'
no_node := the checks of the scripts in app/ are left out: install nodejs (18 or newer) and npm for them

# $(call npm,ARGUMENTS): run npm if its packages are there, or say that they are not.
npm = if [ -f $(SCRIPTS) ]; then echo "npm $(1)"; npm $(1) --silent; else echo "$(no_node)"; fi

# A stamp is left only by what succeeded, so that the next call tries again.
$(SCRIPTS): package.json package-lock.json
	@command -v npm >/dev/null || $(call apt,nodejs npm,the checks of the scripts in app/)
	@if ! { $(node); }; then rm -rf node_modules; \
	elif npm ci --silent --ignore-scripts --no-audit --no-fund; then touch $@; \
	else rm -rf node_modules; echo "npm ci failed: no packages for the scripts in app/"; fi
