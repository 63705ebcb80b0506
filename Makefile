# `make run` starts MoviLab with its demo territory; `make help` lists the rest.
# Needs Python 3.11 or later with venv, and make. Each target sets itself up.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
IN_VENV = .venv/bin/python
SET_UP_RUN = @$(PYTHON) scripts/set_up.py requirements.txt
SET_UP_DEV = @$(PYTHON) scripts/set_up.py requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help run test test-all check bench demo-reset requirements

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: ## start the web server and the scheduler, with the demo territory at the first start
	$(SET_UP_RUN)
	@exec $(IN_VENV) -m scripts.serve

test: ## all tests; the long proofs at a tenth of their size
	$(SET_UP_DEV)
	@$(IN_VENV) -m pytest -n 2 $(ARGS)

test-all: ## all tests at full size: every role, theme and language, the long proofs whole
	$(SET_UP_DEV)
	@MOVILAB_FULL=1 $(IN_VENV) -m pytest -n 2 $(ARGS)

check: ## types, style, layers, templates, catalogues, vendored files, secrets
	$(SET_UP_DEV)
	@$(IN_VENV) -m scripts.check

bench: ## measure speed and size; bench/results.md says how to read it
	$(SET_UP_DEV)
	@$(IN_VENV) -m bench $(ARGS)

demo-reset: ## empty the demo and load it again (refuses while it runs)
	$(SET_UP_RUN)
	@$(IN_VENV) -m scripts.demo_reset

requirements: ## compile requirements*.in into the hashed requirements*.txt
	$(SET_UP_DEV)
	@$(IN_VENV) -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make requirements' requirements.in -o requirements.txt $(ARGS)
	@$(IN_VENV) -m uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make requirements' requirements-dev.in -c requirements.txt \
		-o requirements-dev.txt $(ARGS)
