# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
CITY ?= cities/ho-chi-minh
PORT ?= 8000
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# One deployment is one city: another city or another port gets its own database and address.
ifneq ($(CITY),cities/ho-chi-minh)
export DATABASE_URL ?= sqlite:///$(CURDIR)/var/$(notdir $(CITY)).sqlite
endif
ifneq ($(PORT),8000)
export PUBLIC_URL ?= http://127.0.0.1:$(PORT)
endif

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: install
install: ## Make the environment: pinned and hashed packages, compiled translations
	@$(PYTHON) scripts/install.py runtime
	@$(MAKE) catalogues

.PHONY: run
run: install var/secrets.env ## Start with labelled sample data (CITY=folder, PORT=8000)
	@set -a; . ./var/secrets.env; set +a; \
	$(BIN)/flask database create --kind sample --city "$(CITY)" --if-missing && \
	exec $(BIN)/gunicorn --bind "127.0.0.1:$(PORT)" wsgi:app

.PHONY: test
test: install-dev browser ## Run every test (ARGS='-k name' for some)
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

.PHONY: test-fast
test-fast: install-dev ## Test vocabulary, statistics and estimates alone, with fewer examples
	@$(BIN)/pytest -n 2 --dist worksteal --hypothesis-profile fast -m "not simulation" \
	  tests/terms tests/stats tests/estimate $(ARGS)

.PHONY: check
check: install-dev ## Check style, types, rooms, templates, translations and the tree
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(wildcard survey kiosk scripts wsgi.py)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deno check --quiet --config kiosk/deno.json kiosk/client
	@$(BIN)/djlint --lint --quiet --allow-empty-input templates
	@$(BIN)/python -m scripts.check

.PHONY: bench
bench: install ## Measure, as ratios in one run (ARGS=name for one)
	@$(PYTHON) scripts/install.py bench
	@$(BIN)/python -m scripts.bench $(ARGS)

.PHONY: drill-desks
drill-desks: install-dev ## Send 10,000 generated requests to the desks (DRILL_REQUESTS=, DRILL_SEED=)
	@DRILL_REQUESTS=$${DRILL_REQUESTS:-10000} $(BIN)/pytest -q -s tests/staff/test_drill.py

.PHONY: drill-kiosk
drill-kiosk: install-dev browser ## Rate 5,000 times in a browser without a network (DRILL_RATINGS=, DRILL_SEED=)
	@DRILL_RATINGS=$${DRILL_RATINGS:-5000} $(BIN)/pytest -q -s tests/kiosk/test_drill.py

.PHONY: drill-schedules
drill-schedules: install-dev ## Send devices' schedules against a model: 10,000 on SQLite, 2,000 on PostgreSQL
	@DRILL_SCHEDULES_SQLITE=$${DRILL_SCHEDULES_SQLITE:-10000} \
	DRILL_SCHEDULES_POSTGRESQL=$${DRILL_SCHEDULES_POSTGRESQL:-2000} \
	$(BIN)/pytest -q -s tests/intake/test_sync_schedules.py

.PHONY: drill-devices
drill-devices: install ## Let 200 devices come back at once with 500 ratings each (DEVICES=, RATINGS=, SPLIT=no)
	@$(PYTHON) scripts/install.py bench
	@$(BIN)/python -m scripts.bench devices

.PHONY: screenshots
screenshots: install-dev browser ## Draw docs/screenshots anew from sample data (ARGS=name for one)
	@$(BIN)/python -m scripts.screenshots --city "$(CITY)" $(ARGS)

.PHONY: translate
translate: install ## Extract the Vietnamese texts, update and compile the catalogues
	@$(BIN)/python -m scripts.translate

.PHONY: freeze
freeze: ## Compile requirements again (ARGS=--upgrade for newer releases)
	@$(PYTHON) scripts/install.py tools
	@$(BIN)/python scripts/freeze.py $(ARGS)

.PHONY: audit
audit: ## Ask the network for known holes in the pinned packages
	@$(PYTHON) scripts/install.py tools
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.txt

.PHONY: clean
clean: ## Remove the environment and caches; var/ with its database stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -f $(CATALOGUES)

# What the targets above lean on.

.PHONY: install-dev
install-dev:
	@$(PYTHON) scripts/install.py dev
	@$(MAKE) catalogues

.PHONY: browser
browser:
	@$(BIN)/python -m scripts.browser

.PHONY: catalogues
catalogues: $(CATALOGUES)
	@:

%.mo: %.po
	@$(BIN)/python -m scripts.translate --compile-only

var/secrets.env:
	@mkdir -p var
	@umask 077; for name in SECRET_KEY DOSSIER_KEY; do \
		$(PYTHON) -c "import secrets; print('$$name=' + secrets.token_hex(32))" || exit 1; \
	done > $@
