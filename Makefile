# What people do with this project; `make help` lists it. Needs make and Python 3.11 or later, everything else is installed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TEST_PROCESSES ?= 2
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
PIP_COMPILE := env -u PIP_FIND_LINKS $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

.PHONY: help run test lint lock words clean

help:  ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(VENV)/installed  ## Serve the product on http://127.0.0.1:8000 (PORT=8001 make run for another port); Ctrl-C ends.
	@$(BIN)/flask serve

test: $(VENV)/installed-dev lint  ## Check style, types and directions of import, then run all tests.
	$(BIN)/python -m pytest -n $(TEST_PROCESSES)

lint: $(VENV)/installed-dev  ## Check style, types and directions of import.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

lock: $(VENV)/installed-dev  ## Pin the newest versions of what requirements*.in ask for.
	$(BIN)/python -m pip install --quiet pip-tools
	$(PIP_COMPILE) --upgrade --output-file requirements.txt requirements.in
	$(PIP_COMPILE) --upgrade --output-file requirements-dev.txt requirements-dev.in

words: $(VENV)/installed-dev  ## Take new messages of pages and mails into the catalogues, and compile what is translated.
	$(BIN)/pybabel -q extract -F translations/babel.cfg -k N_ -k Words:1 -k say:1 -k count:1,2 --no-location --sort-output \
		-o translations/messages.pot .
	$(BIN)/pybabel -q update -i translations/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d translations
	@rm translations/messages.pot

clean:  ## Remove the installed packages; the database in instance/ stays.
	rm -rf $(VENV)

# The stamps are newer than the pins when what is pinned is installed.
$(VENV)/installed: requirements.txt | $(BIN)/python
	@echo "Installing the pinned packages into $(VENV) ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing the pinned packages, and those for tests, into $(VENV) ..."
	@$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@touch $@ $(VENV)/installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or later is needed; say where it is: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "The folder $(VENV) cannot be made; on Debian and Ubuntu install python3-venv." >&2; exit 1; }
