# The commands of the project. `make demo` and `make test` set up all they need on a fresh Debian with Python 3.11, git and make.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo example test test-slow lint bench simulate docs screenshots lock clean

BIN := .venv/bin
DATA ?= ../shared/data
WORKERS ?=
ENV_RUN := .venv/.ready-run
ENV_DEV := .venv/.ready-dev
ENV_BENCH := .venv/.ready-bench

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

$(ENV_RUN): requirements.lock pyproject.toml tools/setup
	@tools/setup requirements.lock && touch $@

$(ENV_DEV): requirements-dev.lock pyproject.toml tools/setup
	@tools/setup requirements-dev.lock && touch $@ $(ENV_RUN)

$(ENV_BENCH): $(ENV_DEV) requirements-bench.lock
	@tools/setup requirements-bench.lock && touch $@

demo: $(ENV_RUN) ## Run the embedded example (fictitious data) and print where the portfolio is
	@$(BIN)/evalkit demo $(if $(WORKERS),--workers $(WORKERS))

example: $(ENV_RUN) ## Run the real example: make example DATA=../shared/data
	@tools/example "$(DATA)" $(if $(WORKERS),--workers $(WORKERS))

test: $(ENV_DEV) ## Lint, types, import rules, tests, notebooks and browser tests (under 15 minutes)
	@tools/need-chromium
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest -m "not slow" -n 2 --dist loadscope

test-slow: $(ENV_DEV) ## Faults, the whole demo and the whole real example (under 60 minutes)
	@tools/need-chromium
	@$(BIN)/pytest -m slow

lint: $(ENV_DEV) ## Style, types, import rules, documentation of public names
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/interrogate -q evalkit

docs: $(ENV_DEV) ## Write the generated reference pages again
	@$(BIN)/python tools/reference_pages.py
	@$(BIN)/python tools/charts_page.py

screenshots: $(ENV_DEV) ## Take the pictures of the README again, from runs/demo
	@tools/need-chromium
	@$(BIN)/python tools/screenshots.py

bench: $(ENV_BENCH) ## Run the benchmarks that the README quotes
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file; done

simulate: $(ENV_DEV) ## Compute the table of simulations again (hours)
	@nice -n 10 $(BIN)/python tools/simulate.py

lock: ## Resolve the versions again (needs uv)
	@uv pip compile pyproject.toml --group build -c tools/constraints.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --upgrade -q -o requirements.lock
	@uv pip compile pyproject.toml --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade -q -o requirements-dev.lock
	@uv pip compile pyproject.toml --group bench -c requirements-dev.lock --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade -q -o requirements-bench.lock

clean: ## Remove what the commands made, runs and data included
	@rm -rf .venv runs/demo data/demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
