# make search    install into .venv and run a first search
# make test      install into .venv and run every test, notebooks included
# make test-browser  install into .venv and take a learner's path in Chromium, where there is one
# make test-grading  install into .venv and grade hand-ins that attack; needs bubblewrap
# make lab       open JupyterLab on the notebooks
# make notebooks rebuild the notebooks from sources
# make docs      build the documentation site, instructor's kit and slides included
# make lint      check style

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: search test test-browser test-grading lab notebooks docs lint

search: $(READY)
	$(BIN)/python -m nas_tutorial search

test: $(READY)
	$(BIN)/python -m pytest --nbval -n 2 --dist loadscope --durations 10 tests notebooks

test-browser: $(READY)
	$(BIN)/python -m pytest tests/browser.py

test-grading: $(READY)
	$(BIN)/python -m pytest tests/grading_attacks.py

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir notebooks

notebooks: $(READY)
	$(BIN)/python sources/build.py

docs: $(READY)
	$(BIN)/python docs/make_site.py

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "nas_tutorial needs Python 3.11, 3.12 or 3.13, for which TensorFlow has wheels; %s is Python %d.%d. Run: make $(MAKECMDGOALS) PYTHON=python3.12" % (sys.executable, v[0], v[1]))'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $(READY)
