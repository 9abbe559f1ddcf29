# Two commands: `make demo` runs the whole chain on this machine, `make test` passes all checks.
# Both need nothing but Python >= 3.11, git and make; everything else is installed into .venv.

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: demo test check lock clean

demo: .venv/ready
	$(BIN)/jekafo demo $(ARGS)

# A file of tests stays with one worker: what its tests share (a JVM, a PostgreSQL server) is made once.
test: check
	$(BIN)/pytest --numprocesses auto --dist loadfile $(ARGS)

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Jekafo needs Python 3.11 or newer; $(PYTHON) is older. Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { rm -rf .venv; echo "Python could not make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
	$(BIN)/uv pip install --quiet --system-certs --require-hashes --requirement requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# After a change of dependencies: uv.lock names registry hosts and is not kept, requirements.lock is.
lock: .venv/ready
	$(BIN)/uv lock
	$(BIN)/uv export --quiet --frozen --no-emit-project --no-header > requirements.lock

clean:
	rm -rf .venv
