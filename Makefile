# One set of verbs for people and CI; `make` alone lists them. `./run` and `./test` need nothing
# but Python; the other verbs need the environment that either of them makes.
PY := .venv/bin/python
COMPILE := $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help fmt check test scenarios approve bench demo serve migrate docs pictures lock fuzz openapi

help: ## list these verbs
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r verb does; \
		do printf '  %-10s %s\n' "$$verb" "$$does"; done

fmt: ## format the code and mend what lint can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

check: ## format, lint, types, floors, dependencies: everything but the tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) .venv/bin/lint-imports --no-logo
	$(PY) -m deptry .

test: ## every check and every test, as CI runs them
	./test

scenarios: ## the golden days alone
	$(PY) -m pytest tests/scenarios

approve: ## write new answers for the golden days; look at the diff before you commit it
	$(PY) -m pytest tests/scenarios --approve

bench: ## every benchmark, one after the other (DATA=DIR); benchmarks/README.md says what each measures
	@for bench in $(basename $(notdir $(wildcard benchmarks/bench_*.py))); do \
		case $$bench in bench_forecast) data=forecasting;; bench_placement) data=placement;; *) data=;; esac; \
		if [ -n "$$data" ] && [ -z "$(DATA)" ]; then echo "== $$bench is passed over: it reads DATA/$$data"; continue; fi; \
		echo "== $$bench"; $(PY) -m benchmarks.$$bench $${data:+--data $(DATA)/$$data} || exit 1; done

demo: ## three viral days, then the console; the same as ./run
	./run

serve: ## the API, the console and the clock, with the settings of the environment
	$(PY) -m api.cli serve

migrate: ## bring the database up to date
	$(PY) -m api.cli migrate

docs: ## write the generated pages anew: command line, settings, OpenAPI
	$(PY) -m api.cli docs

pictures: ## take the pictures of README and docs anew, of the demo's own days
	$(PY) -m benchmarks.pictures

lock: ## remake the lock files (UPGRADE=1 takes the newest versions)
	$(COMPILE) --output-file requirements.lock pyproject.toml --group check
	$(COMPILE) --output-file requirements-node.lock --group node
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

fuzz: ## try the API with made-up requests for as long as you like (CASES=10000)
	FUZZ_CASES=$(or $(CASES),10000) $(PY) -m pytest tests/api/test_fuzz.py

openapi: ## write the interface's description to docs/openapi.json, to be looked at and committed
	$(PY) -m api.cli openapi --out docs/openapi.json
