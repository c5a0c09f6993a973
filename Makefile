# Two commands matter: "make book" builds the book, "make test" checks it.
# Another Python: make PYTHON=python3.12 book

PYTHON ?= python3
PORT ?= 8000
VENV = .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed

.PHONY: help book slides test test-matrix lab notebooks student serve offline pdf screenshot bench memory ablation models lint links clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 10) and sys.exit("Python 3.10 or later is needed. Name one: make PYTHON=python3.12 book")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -r requirements.txt
	$(BIN)/python -m pip install --no-deps -e .
	@touch $@

book: $(INSTALLED) ## build the book into _build/html
	$(BIN)/python -m book._tools.build

slides: $(INSTALLED) ## build the slides for the eight lessons into _build/slides
	$(BIN)/python -m book._tools.slides

test: book slides ## build the book, then test it, the package, the notebooks and the widgets
	$(BIN)/python -m tests.browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --nbval --nbval-current-env --numprocesses 2 --dist loadscope tests notebooks

test-matrix: $(INSTALLED) ## test with the oldest and the newest libraries, and as on Colab (1 hour)
	$(BIN)/python -m tests.matrix $(ROW)

lab: $(INSTALLED) ## open the notebooks in JupyterLab
	$(BIN)/python -m jupyterlab notebooks

notebooks: $(INSTALLED) ## execute the notebooks and store tidy outputs
	$(BIN)/python -m book._tools.notebooks

student: $(INSTALLED) ## write notebooks without solutions, to work in, into _build/student
	$(BIN)/python -m book._tools.student

serve: book ## build the book and serve it at http://127.0.0.1:8000
	@echo "Open http://127.0.0.1:$(PORT)/ and stop with Ctrl+C. Another port: make PORT=8080 serve"
	$(BIN)/python -m http.server --directory _build/html --bind 127.0.0.1 $(PORT)

offline: book ## pack the book into one file in _build that opens without a network
	$(BIN)/python -m book._tools.offline

pdf: book ## print the whole book into one PDF in _build
	$(BIN)/python -m book._tools.pdf

screenshot: book ## take the picture that the README shows
	$(BIN)/python -m book._tools.screenshot

bench: book ## measure everything that has a budget (10 minutes)
	$(BIN)/python -m benchmarks.all

memory: $(INSTALLED) ## train RNN, LSTM and GRU on tasks that need memory (5 minutes)
	$(BIN)/python -m benchmarks.memory

ablation: $(INSTALLED) ## train LSTM and GRU with parts taken out (5 minutes)
	$(BIN)/python -m benchmarks.ablation

models: $(INSTALLED) ## train the networks that come with the book anew (20 minutes)
	$(BIN)/python -m book._tools.train_models
	$(BIN)/python -m book._tools.train_date_models

lint: $(INSTALLED) ## check style and spelling, and that the notebooks are executed
	PATH="$$(cd $(BIN) && pwd):$$PATH" pre-commit run --all-files

links: $(INSTALLED) ## ask the links to other hosts whether they still answer (needs a network)
	$(BIN)/python -m book._tools.links

clean: ## remove the built book and all caches (the environment stays)
	rm -rf _build test-results .pytest_cache .ruff_cache .hypothesis
	find book notebooks rnn_utils tests -type d \
		\( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
