# `make` alone says what there is. Nothing is needed but make and Python 3.11 or newer.

PYTHON ?= python3
bin := .venv/bin
# what is installed, and for which folder: a moved or copied project is set up anew
stamp := .venv/installed
ifneq ($(shell cat $(stamp) 2>/dev/null),$(CURDIR))
.PHONY: $(stamp)
endif

SEED ?= $(shell date +%Y%m%d%H%M%S)

.PHONY: help build test fuzz format validator bench manual pictures package lock clean

help:
	@sed -n 's/^## //p' Makefile

## make build      set up .venv the first time, then turn inputs/ into reports in outputs/
build: $(stamp)
	@$(bin)/reportgen build

## make test       everything CI checks: lint, format, types, tests
test: $(stamp)
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/pytest -n auto --dist loadfile

## make fuzz       random cells, forms, templates and damage, thousands of each, some hours (again: make fuzz SEED=...)
fuzz: $(stamp)
	$(bin)/pytest tests/test_fuzz*.py --hypothesis-profile=nightly --hypothesis-seed=$(SEED) \
	  --hypothesis-show-statistics

## make format     let ruff put the code in order
format: $(stamp)
	$(bin)/ruff check --fix-only --quiet
	$(bin)/ruff format

## make validator  fetch Microsoft's Open XML SDK validator for the tests (needs npm; 30 MB, Linux only)
validator:
	npm ci --prefix tests/tools --no-audit --no-fund

## make bench      measure everything beside what else one could use, into docs/benchmarks.md (needs Node)
bench: $(stamp)
	$(bin)/python -m benchmarks --write docs/benchmarks.md

## make manual     redo what the manual says of the program, and build it in docs/site: pages and a Word document
manual: $(stamp)
	$(bin)/python -m docs.manual

## make pictures   redo the pictures of the manual (needs LibreOffice, CJK fonts, poppler and chromium)
pictures: $(stamp)
	$(bin)/python -m docs.pictures
	$(bin)/python -m docs.pictures_browser

## make package    wheel and sdist into dist/, both tried in an empty environment, and PyInstaller's folder
package: $(stamp)
	$(bin)/python packaging/try.py

## make lock       requirements.lock from pyproject.toml; newest versions: make lock UV=--upgrade
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	UV_CUSTOM_COMPILE_COMMAND="make lock" .venv-lock/bin/uv pip compile pyproject.toml --group dev \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet \
	  $(UV) --output-file requirements.lock

## make clean      remove .venv and the caches; inputs/ and outputs/ stay
clean:
	rm -rf .venv .venv-lock dist build docs/site .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(stamp): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "reportgen needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make build PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Setting up .venv (once, about half a minute) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "$(CURDIR)" > $@
