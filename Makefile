# poquan: everything runs in .venv, made on first use from the lock files.
PYTHON ?= python3
BIN := .venv/bin
HOST ?= $(or $(POQUAN_HOST),127.0.0.1)
PORT ?= $(or $(POQUAN_PORT),8000)
OUT ?= $(basename $(notdir $(FILE))).labelled.csv

.PHONY: serve test install label train train-base bench lock clean

serve: install          ## start the service with the shipped model
	$(BIN)/poquan serve --host $(HOST) --port $(PORT)

install: .venv/base     ## .venv with the poquan command

label: .venv/full       ## make label FILE=comments.csv [OUT=labelled.csv]
	$(BIN)/poquan label "$(FILE)" -o "$(OUT)"

train: install          ## move the shipped model with your labels in corpora/local/ [FORCE=1]
	$(BIN)/python -m training $(if $(FORCE),--force)

train-base: install     ## fit the base model from POQUAN_CORPORA (default ../shared/data)
	$(BIN)/python -m training base

test: .venv/dev         ## lint, types, architecture, all tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

bench: .venv/bench      ## measure against the peers; writes tests/benchmarks/results
	$(BIN)/python -m tests.benchmarks

lock:                   ## renew the lock files (needs uv)
	for extra in full postgres dev bench; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet --extra $$extra pyproject.toml -o requirements/$$extra.lock; done
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet pyproject.toml -o requirements/base.lock

.venv/%: requirements/%.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r $<
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m service.compile
	touch $@

clean:
	rm -rf .venv build *.egg-info
