"""What every service's routes have in common: problems, limits, unknown members, feeds and pages for machines."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.process.tokens import Signer, private_key
from tests.chassis.children import Toy
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitMQ


@pytest.fixture(scope="module")
def source(rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toy]:
    vhost = rabbitmq.create_vhost()
    result = Toy("participation", tmp_path_factory.mktemp("routes"), rabbitmq.url(vhost)).start()
    result.append(*[f"t{n}:{n}" for n in range(30)])
    yield result
    result.process.kill()
    rabbitmq.delete_vhost(vhost)


@pytest.fixture(scope="module")
def ask(source: Toy) -> Callable[..., Any]:
    key = private_key(Path(source.folder) / "keys" / "participation.key")
    token = Signer("participation", "district", key).issue("participation", ["service"], 60)
    from chassis.process import tokens

    operator = Path(source.folder) / "keys" / "operator.key"
    tokens.make_keys(operator, operator.with_suffix(".pem"))
    master = Signer("operator", "district", private_key(operator)).issue("operator", ["operator"], 60)

    def make(path: str, method: str = "GET", body: Any = None, as_operator: bool = False) -> tuple[int, Any, Any]:
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{source.port}{path}", content, method=method)
        asked.add_header("Authorization", f"Bearer {master if as_operator else token}")
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.status, answer.headers, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.loads(error.read())

    return make


RETRY = "/api/quarantine/retry"
PROBLEMS = {
    "an unknown path": ("/api/nothing", "GET", None, 404, "http_error"),
    "a method that is none": ("/feed", "DELETE", None, 405, "http_error"),
    "a partition that is none": ("/feed/7", "GET", None, 404, "unknown_partition"),
    "a partition past 64 bits": (f"/feed/{2**70}", "GET", None, 404, "not_found"),
    "a position that is no number": ("/feed/0?after=x", "GET", None, 400, "bad_query"),
    "a position below zero": ("/feed/0?after=-1", "GET", None, 400, "bad_query"),
    "a position of 5,000 digits": ("/feed/0?after=" + "9" * 5000, "GET", None, 400, "bad_query"),
    "a NUL in the query": ("/api/quarantine?state=%00", "GET", None, 422, "bad_text"),
    "an override of direction in the query": ("/api/quarantine?state=%E2%80%AE", "GET", None, 422, "bad_text"),
    "a role that is missing": (RETRY, "POST", {"all": True}, 403, "not_allowed"),
    "no JSON": (RETRY, "POST", b"{", 400, "bad_json"),
    "an unknown member": (RETRY, "POST", {"all": True, "everything": 1}, 422, "bad_body"),
    "a member of another kind": (RETRY, "POST", {"ids": "7"}, 422, "bad_body"),
    "an array for an object": (RETRY, "POST", [1], 422, "bad_body"),
    "nothing chosen": (RETRY, "POST", {}, 422, "missing"),
    "a body past the limit": (RETRY, "POST", b" " * 70_000, 413, "too_large"),
    "an entry that is none": ("/api/quarantine/77", "GET", None, 404, "unknown_entry"),
    "an entry past 64 bits": (f"/api/quarantine/{2**80}", "GET", None, 404, "not_found"),
    "a reason with a NUL": ("/api/quarantine/1/discard", "POST", {"reason": "a\0"}, 422, "bad_text"),
    "a reason with an escape sequence": ("/api/quarantine/1/discard", "POST", {"reason": "\x1b[2J"}, 422, "bad_text"),
    "a reason with a lone surrogate": ("/api/quarantine/1/discard", "POST", {"reason": "\ud800"}, 422, "bad_text"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_is_a_problem_with_a_code(ask: Callable[..., Any], name: str) -> None:
    path, method, body, status, code = PROBLEMS[name]
    result, headers, problem = ask(path, method, body, as_operator=name != "a role that is missing")
    assert (result, problem["code"], headers["Content-Type"]) == (status, code, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= problem.keys()
    assert headers["X-Correlation-Id"] or code == "http_error"


def test_the_feed_pages_to_its_head(ask: Callable[..., Any]) -> None:
    _, _, heads = ask("/feed")
    result: list[str] = []
    while page := ask(f"/feed/0?after={len(result)}&limit=7")[2]["events"]:
        assert len(page) <= 7
        result += [item["data"]["text"] for item in page]
    assert result == [str(n) for n in range(30)]
    assert heads["partitions"][0]["position"] == "30"


def test_the_chain_is_verified_by_its_route(ask: Callable[..., Any]) -> None:
    _, _, result = ask("/api/verify?limit=10")
    assert (result["checked"], result["broken"]) == (10, None)
    _, _, rest = ask(f"/api/verify?after=10&hash={result['hash']}")
    assert (rest["position"], rest["head"], rest["broken"]) == (30, 30, None)
    assert ask("/api/verify?after=10&hash=forged")[2]["broken"] == 11


def test_heads_are_signed_handed_out_and_checked_by_their_routes(ask: Callable[..., Any]) -> None:
    wait_until(
        lambda: ask("/api/heads", as_operator=True)[2]["heads"] or ask("/api/heads", "POST", {}, True), 30, "one"
    )
    status, _, written = ask("/api/heads", "POST", {}, as_operator=True)
    assert status == 201 and [head["position"] for head in written["heads"]] == [30]
    _, _, listed = ask("/api/heads", as_operator=True)
    assert written["heads"][0] in listed["heads"]
    assert ask("/api/heads?since=9999-01-01", as_operator=True)[2] == {"heads": []}
    forged = written["heads"][0] | {"position": 29}
    _, _, checked = ask("/api/verify/heads", "POST", {"heads": [*written["heads"], forged]})
    assert [item["outcome"] for item in checked["results"]] == ["contained", "not_signed"]
    assert ask("/api/verify/heads", "POST", {"heads": [forged | {"day": "yesterday"}]})[0] == 422
    assert [ask("/api/heads")[0], ask("/api/heads", "POST", {})[0]] == [403, 403], "a service asks for none"


def test_rows_are_compared_by_their_route(ask: Callable[..., Any]) -> None:
    assert ask("/api/verify/rows")[2]["state"] == "idle"
    status, _, begun = ask("/api/verify/rows", "POST", {})
    assert status == 202 and begun["state"] in ("running", "done")
    wait_until(lambda: ask("/api/verify/rows")[2]["state"] != "running", 60, lambda: str(ask("/api/verify/rows")))
    _, _, result = ask("/api/verify/rows", as_operator=True)
    assert (result["state"], result["rows"], result["different"], result["differences"]) == ("done", 30, 0, [])


def test_a_route_that_needs_a_token_says_so(source: Toy) -> None:
    for path in ("/feed", "/api/status", "/api/quarantine", "/api/verify", "/api/verify/rows", "/feed/0"):
        assert source.get(path)[0] == 401
    for path in ("/livez", "/readyz", "/openapi.json"):
        assert source.get(path)[0] == 200


def test_metrics_are_prometheus_text(source: Toy) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{source.port}/metrics", timeout=20) as answer:
        text = answer.read().decode()
    assert 'qihang_log_position{partition="0",service="participation"} 30.0' in text
    assert 'qihang_live{service="participation"} 1.0' in text


def test_the_description_names_every_route(source: Toy) -> None:
    described = source.get("/openapi.json")[1]
    assert described["openapi"].startswith("3.1")
    assert {"/feed/{partition}", "/api/quarantine/retry", "/livez"} <= described["paths"].keys()


def test_the_log_bears_no_token_and_no_body(source: Toy) -> None:
    assert "Bearer" not in source.process.output()
    assert "surrogate" not in source.process.output()
