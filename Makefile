# Bare `make` lists what can be said.  Each word works first on a fresh Debian 12 and installs what it needs.

SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv/.installed
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # where a machine sets it, each of the tests' processes would compile everything again

##@ Use
.PHONY: demo up down restore
demo: $(VENV) ## the whole system in one process with the sample district, until Ctrl-C
	@$(BIN)/python deploy/demo.py

up: ## the district server in containers: builds what is missing, makes secrets once, waits for health
	@deploy/up

down: ## stop the containers; data stays (`make down VOLUMES=1` asks, and removes it)
	@deploy/down $(if $(VOLUMES),--volumes) $(if $(YES),--yes)

restore: $(VENV) ## the district server out of a backup, on a bare machine too (FILE=... KEY=... HEADS=folder REPLACE=1)
	@$(BIN)/qihang restore $(FILE) --containers --key $(KEY) $(if $(HEADS),--heads $(HEADS)) $(if $(REPLACE),--replace)

##@ Develop
.PHONY: test check static fast bench docs screenshots lock
LANES ?= 4
IN_LANES := deploy/machine/in-memory $(BIN)/python -m pytest --numprocesses $(LANES) --dist loadscope \
    --no-loadscope-reorder --override-ini tmp_path_retention_policy=failed
test: $(VENV) ## the tests, on real private RabbitMQ and PostgreSQL servers (TESTS=path chooses, ENDURANCE=1 with those too, LANES=n at once)
	@deploy/machine/test-servers
	$(IN_LANES) $(or $(TESTS),$(if $(ENDURANCE),,-m "not plain_library and not endurance"))

check: static fast ## ruff, mypy, import rules and the fast tests

static: $(VENV)
	$(BIN)/ruff check .
	$(BIN)/mypy

fast: $(VENV)
	$(BIN)/python -m pytest -q $(wildcard tests/domain tests/contracts tests/architecture tests/semester)

bench: $(VENV) ## measure: benchmarks/ writes its figures to var/bench (BENCH="--long", or a suite's name)
	@deploy/machine/test-servers
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-bench.lock
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(VENV) ## write again what is generated from code under docs/
	$(BIN)/python -m docs.generate

screenshots: $(VENV) ## the pictures of README.md, of the sample district in a real browser (LOOK=folder: every page by each post; REFUSED=refused with it: every form sent wrongly)
	@deploy/machine/test-servers
	$(BIN)/python -m docs.generate.screenshots $(LOOK) $(REFUSED)

lock: ## pin what pyproject.toml asks for, with hashes (needs an index; UPGRADE=1 takes the newest)
	@deploy/machine/lock

##@ Prove
.PHONY: digests hostile e2e faults endurance holes next
digests: ## write down by content which images run: deploy/image-digests.lock (deploy/digests check compares)
	@deploy/digests

hostile: $(VENV) ## ten minutes of hostile traffic against an embedded system (SECONDS_LONG=n), others' answers measured
	QIHANG_HOSTILE_SECONDS=$(or $(SECONDS_LONG),600) $(BIN)/python -m pytest -q tests/faults/test_hostile_traffic.py

faults: $(VENV) ## numbered events under every fault, a ledger for each: docs/faults.md (FAULTS="5 6b", --long; NEXT=1)
	@deploy/machine/test-servers
	@$(if $(NEXT),SUITE=trixie FOLDER=$(NEXT_BROKER) deploy/debian/build rabbitmq)
	$(if $(NEXT),QIHANG_RABBITMQ_ROOT=$(NEXT_BROKER) )$(BIN)/python -m tests.faults $(FAULTS)

next: $(VENV) ## what speaks with the broker, on the RabbitMQ of the next Debian, 4.0 (root only; TESTS=path for others)
	@deploy/machine/test-servers
	@SUITE=trixie FOLDER=$(NEXT_BROKER) deploy/debian/build rabbitmq
	QIHANG_RABBITMQ_ROOT=$(CURDIR)/$(NEXT_BROKER) $(MAKE) test TESTS="$(or $(TESTS),$(OF_THE_BROKER))"

endurance: $(VENV) ## the tests that `make test` leaves out: long proofs, each of one story (docs/decisions/0332)
	@deploy/machine/test-servers
	$(IN_LANES) -m endurance

holes: $(VENV) ## what plain nameko, kombu, psycopg and SQLite do where the chassis does otherwise (docs/architecture.md)
	@deploy/machine/test-servers
	$(BIN)/python -m pytest -m plain_library tests/chassis/holes

NEXT_BROKER := var/debian/rabbitmq-4.0
OF_THE_BROKER := tests/support_check/test_rabbitmq.py $(addprefix tests/chassis/,test_broker_rights.py test_broker_tls.py \
    test_relay.py holes) tests/intake tests/cli/test_publish_amqp.py tests/services/participation/test_broker_users.py \
    $(addprefix tests/journeys/test_,amqps.py client.py client_examples.py clients.py delivered.py intake_page.py \
    outages.py publish.py publishers.py quarantine.py subscriptions_page.py)

e2e: $(VENV) ## everything in a real Docker engine, by file and by AMQP, compared with tests/samples/expected
	@deploy/e2e.sh

##@ Help
.PHONY: help venv
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} \
	    /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	    /^[a-z0-9-]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo

venv: $(VENV) ## only the virtual environment .venv, with `qihang` in it

$(VENV): requirements-dev.lock pyproject.toml deploy/machine/venv
	@deploy/machine/venv
	@touch $@
