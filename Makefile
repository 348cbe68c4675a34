# `make run` and `make test` need nothing but Python 3.11 or newer; the rest is installed into .venv.
PYTHON ?= python3
IN_VENV = $(PYTHON) approvals_site/bootstrap.py
PRODUCTION = APPROVALS_BASE_URL=https://approvals.example.com \
	APPROVALS_SECRET_KEY=not-a-real-key-but-as-long-and-as-varied-as-one-0123456789 \
	DATABASE_URL=postgresql://approvals@database.example.com/approvals

.PHONY: run test chaos check fmt lock clean

run:  ## everything on this machine: database, web server, worker
	@$(IN_VENV) manage.py serve $(ARGS)

test:  ## the whole suite; the browser tests in a process of their own, Playwright keeps its event loop
	@$(IN_VENV) -m pytest -q -n 2 --dist loadfile --ignore=tests/browser
	@$(IN_VENV) -m pytest -q tests/browser

chaos:  ## 500 killed workers under load, fewer on a slow machine: nothing lost, nothing done twice; 2 to 5 minutes
	@$(IN_VENV) -m benchmarks.chaos --kills 500 --stalls 50 --at-least 200 --seconds 240

check:  ## style, types, layers, migrations, production settings
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m mypy
	@$(IN_VENV) .venv/bin/lint-imports
	@DJANGO_SETTINGS_MODULE=approvals_site.settings_test $(IN_VENV) manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(IN_VENV) manage.py check --deploy --fail-level WARNING

fmt:  ## write the code in the project's style
	@$(IN_VENV) -m ruff check --fix .
	@$(IN_VENV) -m ruff format .

lock:  ## pin requirements.in anew
	@$(IN_VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		requirements.in -o requirements.txt

clean:  ## everything that can be made again, except the data in var/
	rm -rf .venv .bootstrap.lock .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
