#!/bin/bash
# `make e2e`: the district server in a real Docker engine, under project names and ports of its own; see tests/e2e.
# Starts an engine where none runs, and ends it afterwards.  QIHANG_E2E=skip leaves it out, and says so.
# `deploy/e2e.sh images` only makes what its containers are made of.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${QIHANG_E2E:-}" = skip ]; then
    echo "e2e LEFT OUT, because QIHANG_E2E=skip"
    exit 0
fi
make_images() {
    deploy/images # once, before lanes ask for them
    # One installation runs on RabbitMQ 4 where the registry's could not be pulled (tests/e2e/test_by_amqp.py).
    if [ -z "${QIHANG_RABBITMQ_IMAGE:-}" ] && ! docker image inspect rabbitmq:4-management >/dev/null 2>&1; then
        SUITE=trixie deploy/debian/build rabbitmq
    fi
}

if [ "${1:-}" = images ]; then
    make_images
    exit
fi
if ! docker info >/dev/null 2>&1; then
    trap 'deploy/machine/docker-engine stop' EXIT
    if ! deploy/machine/docker-engine start; then
        echo "e2e FAILED: no Docker engine (QIHANG_E2E=skip leaves it out)" >&2
        exit 1
    fi
fi
deploy/machine/test-servers # the browser of test_district_server.py
make_images
# Most of the time containers start and stop, which keeps no core busy: three installations side by side, a file each.
.venv/bin/python -m pytest --verbose --numprocesses "${LANES:-3}" --dist loadfile tests/e2e "$@"
