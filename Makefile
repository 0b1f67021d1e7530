# Everything that is done to this project by hand. Nothing but Python, Node and npm is needed first.

PYTHON ?= python3
DO := $(PYTHON) -m scripts
VENV := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check lint types floors unit slow browser journeys faults \
	front-end console widget bench wheel docs pictures walk lock clean pristine

help: ## what can be made
	@grep -hE '^[a-z -]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

setup: ## the virtual environment, the console and the widget, ready to run
	@$(DO).environment
	@$(DO).front_end

run: setup ## the center, on http://127.0.0.1:8080 unless set otherwise
	@exec $(VENV) -m contact_center serve

demo: setup ## a busy floor with simulated mail, clients and agents; Ctrl-C throws it away
	@$(DO).environment --dev
	@exec $(VENV) -m demo $(DEMO)

test: ## everything: checks, tests on both databases, real mail servers, a browser, faults
	@$(DO).checks all

check: ## the fast part: lint, types, floors, unit tests
	@$(DO).checks fast

lint types floors unit slow browser faults front-end: ## one part of them
	@$(DO).checks $@

journeys: setup ## what people do from end to end
	@$(DO).environment --dev
	@$(VENV) -m pytest tests/journeys -q

console widget: ## one of the two front ends, built if it changed
	@$(DO).front_end $@

bench: setup ## the benchmarks, one line of JSON each
	@$(DO).environment --dev
	@$(DO).benchmarks

docs: ## the documentation as a site, into build/docs
	@$(DO).docs

pictures: setup ## the pictures of the documentation anew, from sample data
	@$(DO).environment --dev
	@$(VENV) -m scripts.pictures
	@$(VENV) -m scripts.threads

walk: setup ## the pictures of docs/busy-noon.md anew: a supervisor's way through a full queue
	@$(DO).environment --dev
	@$(VENV) -m scripts.walk

wheel: ## what is installed on a server, into dist/
	@$(DO).wheel

lock: ## the lock files anew; UPGRADE=1 takes the newest versions
	@$(DO).lock $(if $(UPGRADE),--upgrade)

clean: ## without what was built and cached
	rm -rf .make build dist web/static .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .grimp_cache
	find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +

pristine: clean ## as freshly cloned, except for var/
	rm -rf .venv .tools web/console/node_modules web/widget/node_modules
