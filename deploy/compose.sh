# shellcheck shell=bash
# Sourced by its neighbours: `compose` is docker compose (or docker-compose 1.29) on this project, with the images and
# secrets that `make up` uses.

# What a district sets stands in .env beside docker-compose.yml, which compose itself reads too; the environment wins.
if [ -f .env ]; then
    while IFS='=' read -r name value; do
        if [[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] && [ -z "${!name+set}" ]; then export "$name=$value"; fi
    done <.env
fi
export QIHANG_DISTRICT=${QIHANG_DISTRICT:-district}
export QIHANG_PORT=${QIHANG_PORT:-8000}
export QIHANG_SECRETS=${QIHANG_SECRETS:-./deploy/secrets}
version=$(sed -n 's/^VERSION = "\(.*\)"$/\1/p' cli/version.py)
export QIHANG_IMAGE=${QIHANG_IMAGE:-qihang:$version}
QIHANG_PROJECT=${QIHANG_PROJECT:-qihang}

have_image() { docker image inspect "$1" >/dev/null 2>&1; }

# base KIND: the image that is here (the registry's first), or nothing.
base() {
    local candidate
    case $1 in
    python) set -- "${QIHANG_PYTHON_IMAGE:-}" python:3.11-slim-bookworm qihang/python:3.11-bookworm ;;
    rabbitmq) set -- "${QIHANG_RABBITMQ_IMAGE:-}" rabbitmq:4-management rabbitmq:3.13-management qihang/rabbitmq:3.10-bookworm ;;
    postgres) set -- "${QIHANG_POSTGRES_IMAGE:-}" postgres:15-bookworm qihang/postgres:15-bookworm ;;
    esac
    for candidate in "$@"; do
        if [ -n "$candidate" ] && have_image "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

compose() {
    local -a files=(--file docker-compose.yml)
    local file
    for file in ${QIHANG_COMPOSE_FILES:-}; do files+=(--file "$file"); done
    QIHANG_RABBITMQ_IMAGE=${QIHANG_RABBITMQ_IMAGE:-$(base rabbitmq)}
    QIHANG_POSTGRES_IMAGE=${QIHANG_POSTGRES_IMAGE:-$(base postgres)}
    export QIHANG_RABBITMQ_IMAGE QIHANG_POSTGRES_IMAGE
    if docker compose version >/dev/null 2>&1; then
        docker compose "${files[@]}" --project-name "$QIHANG_PROJECT" "$@"
    else
        docker-compose "${files[@]}" --project-name "$QIHANG_PROJECT" "$@"
    fi
}

containers() { docker ps --all --quiet --filter "label=com.docker.compose.project=$QIHANG_PROJECT"; }

# "service state health restarts id" of every container of the project.
states() {
    local -a ids
    mapfile -t ids < <(containers)
    [ ${#ids[@]} -gt 0 ] || return 0
    docker inspect --format \
        '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}unchecked{{end}} {{.RestartCount}} {{.Id}}' \
        "${ids[@]}"
}

# passes ID: whether the container's own health check passes now.
passes() {
    local -a check
    mapfile -d '' -t check < <(docker inspect --format '{{range .Config.Healthcheck.Test}}{{.}}{{"\x00"}}{{end}}' "$1")
    # the first says how it is run (CMD), the last is the end of the line
    timeout 15 docker exec "$1" "${check[@]:1:${#check[@]}-2}" >/dev/null 2>&1
}

# wait_healthy SECONDS: until every container is healthy, or passes the same check when it is asked here: Docker's own
# first look comes an interval after the start.  On failure shows the logs of those that are not.
wait_healthy() {
    local deadline=$((SECONDS + $1)) well= bad state id
    while :; do
        bad=$(states | awk -v well="$well" '$2 != "running" || ($3 !~ /^(healthy|unchecked)$/ && !index(well, $5))')
        if [ -z "$bad" ] && [ -n "$(containers)" ]; then return 0; fi
        # one at a time: whoever is asked needs the processor to start
        read -r _ state _ _ id <<<"$bad"
        if [ "$state" = running ] && passes "$id"; then
            well+=" $id"
            continue
        fi
        if [ "$SECONDS" -ge "$deadline" ]; then break; fi
        if awk '$4 >= 6 {found = 1} END {exit !found}' <<<"$bad"; then break; fi # it will not come up by waiting
        sleep 0.5
    done
    echo "not healthy (service, state, health, restarts, id):" >&2
    echo "$bad" >&2
    local service rest
    while read -r service rest; do
        echo "--- logs of $service" >&2
        compose logs --no-color --tail 60 "$service" >&2 || true
        docker inspect --format '{{range .State.Health.Log}}{{.ExitCode}}: {{.Output}}{{end}}' \
            $(docker ps --all --quiet --filter "label=com.docker.compose.project=$QIHANG_PROJECT" \
                --filter "label=com.docker.compose.service=$service") 2>/dev/null | tail -n 5 >&2 || true
    done <<<"$bad"
    return 1
}
