# Two commands matter: `make run` and `make test`. Each does all of its own set-up.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
BUNDLE ?= ressourcerie-standard.toml

.PHONY: run test check lint schemas lock locale bench chaos mutants clean

run: $(VENV)/.run-ready  ## Apply the standard bundle and boot the site
	$(BIN)/recyclic apply bundle $(BUNDLE) --yes
	$(BIN)/recyclic serve --port $(PORT)

test: check  ## Lint, types, import contracts, then every test
	$(BIN)/python -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

check: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint: check

# --require-hashes refuses anything that is not in the lock, byte for byte.
$(VENV)/.run-ready: requirements.lock requirements-build.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "recyclic needs Python 3.11 or newer; set PYTHON=python3.12, say")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock -r requirements-build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

schemas: $(VENV)/.dev-ready  ## Write schemas/*.schema.json from the models
	$(BIN)/recyclic schema --write schemas

locale: $(VENV)/.dev-ready  ## Collect the texts, keep the French, compile it
	$(BIN)/pybabel -q extract -k _ -k N_ --no-location --sort-output -o $(VENV)/recyclic.pot src/recyclic
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete -D recyclic -i $(VENV)/recyclic.pot -d src/recyclic/locale -l fr
	$(BIN)/pybabel -q compile -D recyclic -d src/recyclic/locale

lock: $(VENV)/.dev-ready  ## Pin every dependency again, with hashes
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	printf 'hatchling\neditables\n' | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url - -c requirements-dev.lock -o requirements-build.lock

bench: $(VENV)/.dev-ready  ## Print every figure of docs/benchmarks.md
	for part in resolver index runtime bus apply; do $(BIN)/python tests/bench/$$part.py || exit 1; done

chaos: $(VENV)/.dev-ready  ## Kill workers and server at random; nothing may be lost
	$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

# In a copy, because the sources are changed in place. Its tool is no dependency: uv fetches it.
MUTATED    ?= src/recyclic/resolve
COSMIC_RAY := $(abspath $(BIN))/uvx --from cosmic-ray==8.7.0

mutants: $(VENV)/.dev-ready  ## Change the resolver in one place after the other; its tests must notice
	rm -rf mutants && mkdir mutants && cp -r src tests modules pyproject.toml README.md mutants/
	sed 's|MUTATED|$(MUTATED)|; s|PYTHON|$(abspath $(BIN))/python|' tests/mutants.toml > mutants/mutants.toml
	cd mutants && $(COSMIC_RAY) cosmic-ray init mutants.toml session.sqlite
	cd mutants && $(COSMIC_RAY) cosmic-ray exec mutants.toml session.sqlite
	cd mutants && $(COSMIC_RAY) cr-report --surviving-only --show-diff session.sqlite

clean:
	rm -rf mutants $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
