PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
READY_DEV := .venv/ready-dev

.PHONY: help search lab quick test test-browser test-grading lint notebooks docs release address

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 15

search: $(READY) ## set up .venv, then run a first search: about a minute
	$(BIN)/python -m nas_tutorial search

lab: $(READY) ## open the course in JupyterLab
	$(BIN)/jupyter lab --notebook-dir notebooks

quick: $(READY_DEV) ## run the tests that take under half a second each: less than two minutes on two cores
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadscope tests

test: $(READY_DEV) ## run every test, notebooks included: about 25 minutes on two cores
	$(BIN)/python -m pytest --nbval -n 2 --dist loadscope --durations 10 tests notebooks

test-browser: $(READY_DEV) ## take a learner's path in Chromium, where there is one
	$(BIN)/python -m pytest tests/browser.py

test-grading: $(READY_DEV) ## grade hand-ins that attack: needs bubblewrap
	$(BIN)/python -m pytest tests/grading_attacks.py

lint: $(READY_DEV) ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(READY_DEV) ## build the notebooks, and the lists of chapters, from sources/
	$(BIN)/python -m sources.build

docs: $(READY_DEV) ## build the documentation site, instructor's kit and slides included
	$(BIN)/python docs/make_site.py

release: $(READY_DEV) ## build wheel and sdist into dist/, check them and try them; uploads nothing
	$(BIN)/python -m release.make

address: ## write the public address everywhere: make address OWNER=name
	$(PYTHON) -m release.address $(OWNER)

# A new environment each time: tensorflow and tensorflow-cpu side by side would overwrite each other.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "nas_tutorial needs Python 3.11, 3.12 or 3.13, for which TensorFlow has wheels; %s is Python %d.%d. Run: make $(MAKECMDGOALS) PYTHON=python3.12" % (sys.executable, v[0], v[1]))'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $(READY)

$(READY_DEV): $(READY) requirements-dev.txt
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $(READY_DEV)
