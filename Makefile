# One set of verbs for people and CI. `make` alone lists them.
PY := .venv/bin/python
UV := $(PY) -m uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--only-binary :all: --custom-compile-command "make lock"

.DEFAULT_GOAL := help

.PHONY: help
help: ## list these verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /	/' | expand -t 12

.PHONY: lock
lock: ## remake the three lock files from pyproject.toml and package.json (UPGRADE=1: newest versions)
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements.lock pyproject.toml --group check
	$(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements-node.lock --group node
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund
