# The commands of the README. Each builds .venv from nothing; torch first, in its CPU build.
PYTHON ?= python3
# Hundreds of processes import the same modules, and each would compile them anew.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
LIGHT := .venv-light

RIVAL := benchmarks/.rival

define LIGHT_DEPENDENCIES
import tomllib
for dependency in tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"]:
    if not dependency.startswith(("torch", "lightning")):
        print(dependency)
endef
export LIGHT_DEPENDENCIES

.PHONY: demo test test-light check docs benchmark reliability reliability-quick mutation clean

demo: $(VENV)/.ready
	$(BIN)/logotal demo

# Three on two cores: many tests wait for other processes.
test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -n 3 --dist worksteal

# The tests that need no torch, on the newest releases of all else; --at-least, so that they cannot become none.
test-light: $(LIGHT)/.ready
	$(LIGHT)/bin/python -m pytest --light --at-least 1300

check: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict logotal
	$(BIN)/lint-imports

# The site, in build/docs. A warning, as of a link that leads nowhere, is an error.
docs: $(VENV)/.ready-docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -W --keep-going --quiet docs build/docs

# Some 20 minutes on two idle cores, the rival's environment included; needs a C++ compiler for the rival.
benchmark: $(VENV)/.ready-dev $(RIVAL)/.ready
	$(BIN)/python -m benchmarks.run $(BENCHMARK)

# Hours: a million broken files, hundreds of kills, full disks, a thousand videos; then docs/reliability.md.
reliability: $(VENV)/.ready-dev
	$(BIN)/python -m reliability.kill --moments 50 --seed 0
	$(BIN)/python -m reliability.signals --moments 25 --seed 0
	$(BIN)/python -m reliability.disk
	$(BIN)/python -m reliability.crowd --count 1000
	$(BIN)/python -m reliability.watching --hours 6
	$(BIN)/python -m reliability.fuzz --count 10000 --seed 0
	$(BIN)/python -m reliability.figures

# Ten minutes of the same; docs/reliability.md stays as it is.
reliability-quick: $(VENV)/.ready-dev
	$(BIN)/python -m reliability.kill --moments 2 --seed 0 --no-record
	$(BIN)/python -m reliability.signals --moments 1 --seed 0 --no-record
	$(BIN)/python -m reliability.disk --command init detect train --no-record
	$(BIN)/python -m reliability.crowd --count 60 --no-record
	$(BIN)/python -m reliability.fuzz --count 100 --seed 0 --no-record

# Random faults put into the code: which do the tests notice? An hour or two; docs/reliability.md has the share.
mutation: $(VENV)/.ready-dev
	$(BIN)/python -m reliability.mutants --count 40 --seed 0
	$(BIN)/python -m reliability.figures

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

$(VENV)/.ready-docs: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

$(LIGHT)/.ready: pyproject.toml
	$(PYTHON) -m venv $(LIGHT)
	$(LIGHT)/bin/python -m pip install --quiet --upgrade pip
	$(LIGHT)/bin/python -c "$$LIGHT_DEPENDENCIES" > $(LIGHT)/requirements.txt
	$(LIGHT)/bin/python -m pip install --quiet --upgrade --requirement $(LIGHT)/requirements.txt pytest hypothesis openpyxl praatio pympi-ling
	$(LIGHT)/bin/python -m pip install --quiet --no-deps --editable .
	touch $@

# Without --no-build-isolation, pip fetches a second torch with all of CUDA to build the rival's soft-NMS.
$(RIVAL)/.ready:
	$(PYTHON) -m venv $(RIVAL)
	$(RIVAL)/bin/python -m pip install --quiet torch==2.13.0
	$(RIVAL)/bin/python -m pip install --quiet numpy pandas joblib pyyaml h5py setuptools wheel ninja
	$(RIVAL)/bin/python -m pip install --quiet --no-deps --no-build-isolation actionformer==1.5.0
	touch $@

clean:
	rm -rf $(VENV) $(LIGHT) $(RIVAL) build demo .mypy_cache .pytest_cache .ruff_cache
