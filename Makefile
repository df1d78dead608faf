PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: help search lab quick test test-browser test-grading lint notebooks docs

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 15

search: $(READY) ## set up .venv, then run a first search: about a minute
	$(BIN)/python -m nas_tutorial search

lab: $(READY) ## open the course in JupyterLab
	$(BIN)/jupyter lab --notebook-dir notebooks

quick: $(READY) ## run the tests that take under half a second each: less than two minutes on two cores
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadscope tests

test: $(READY) ## run every test, notebooks included: about 25 minutes on two cores
	$(BIN)/python -m pytest --nbval -n 2 --dist loadscope --durations 10 tests notebooks

test-browser: $(READY) ## take a learner's path in Chromium, where there is one
	$(BIN)/python -m pytest tests/browser.py

test-grading: $(READY) ## grade hand-ins that attack: needs bubblewrap
	$(BIN)/python -m pytest tests/grading_attacks.py

lint: $(READY) ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(READY) ## build the notebooks, and the lists of chapters, from sources/
	$(BIN)/python -m sources.build

docs: $(READY) ## build the documentation site, instructor's kit and slides included
	$(BIN)/python docs/make_site.py

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "nas_tutorial needs Python 3.11, 3.12 or 3.13, for which TensorFlow has wheels; %s is Python %d.%d. Run: make $(MAKECMDGOALS) PYTHON=python3.12" % (sys.executable, v[0], v[1]))'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $(READY)
