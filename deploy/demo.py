"""The whole system in one process with the sample district in it: `make demo`.

Stays in the foreground until Ctrl-C; with DEMO_ONESHOT=1 it shows the scoreboard and ends, with DEMO_DAY=2023-11-15 its
clock begins on that day.  State in var/demo only.
"""

from __future__ import annotations

import csv
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from demo_clock import demo_clock

ROOT = Path(__file__).resolve().parents[1]
QIHANG = Path(sys.executable).parent / "qihang"
DATA = ROOT / "var" / "demo"
LOG = ROOT / "var" / "demo.log"
POSTS = ROOT / "deploy" / "demo" / "posts.csv"
SLIPS = DATA / "accounts.html"  # readable by its owner alone
POST_LABELS = {"clerk": "填报员", "head": "主要负责人", "campaign_office": "活动领导小组办公室", "leader": "局领导",
               "inspector": "检查人员"}  # fmt: skip
OFFICES = {"O01": "督查室", "O03": "包联股室 O03", "S01": "教研室", "B01": ""}
TEACHERS = {"P00050": "教师 X001", "P00014": "教师 X007"}
"""Without a post: one hands in a work, the other reviews it."""
WINDOW = "2023"
FIRST_PORT, SERVICES = 8000, 5
READY_LIMIT, STOP_LIMIT = 90, 30  # seconds


class DemoFailed(Exception):
    """The demonstration cannot go on; the message says why."""


def main() -> int:
    os.chdir(ROOT)
    DATA.mkdir(parents=True, exist_ok=True)
    if running := _already_running():
        print(f"启航已在运行（already running）：{running}")
        return 1
    base, clock = _free_base(), demo_clock(DATA, os.environ.get("DEMO_DAY", ""))
    with LOG.open("wb") as log:
        # A session of its own: Ctrl-C comes here first, and ends the system in order.
        system = subprocess.Popen(
            [QIHANG, "up", "--embedded", "--data", DATA, "--port-base", str(base)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                **os.environ,
                "QIHANG_OPERATOR_MUST_CHANGE": "0",
                "QIHANG_DISTRICT_NAME": "示范区教育局",
                **({"QIHANG_REHEARSAL_CLOCK": str(clock)} if clock else {}),
            },
        )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _wait_until_ready(system)
        _load_and_show()
        _print_addresses(base)
        if os.environ.get("DEMO_ONESHOT"):
            return 0
        print("按 Ctrl-C 结束（Ctrl-C ends it）。", flush=True)
        system.wait()
        raise DemoFailed(f"the system ended by itself ({system.returncode})")
    except KeyboardInterrupt:
        print()
        return 0
    except DemoFailed as failure:
        print(f"demo: {failure}\n{_log_tail()}", file=sys.stderr)
        return 1
    finally:
        _stop(system)


def _already_running() -> str | None:
    try:
        address = (DATA / "address").read_text().strip()
        with urllib.request.urlopen(f"{address}/livez", timeout=2):
            return address
    except (OSError, ValueError):
        return None


def _free_base() -> int:
    for base in range(FIRST_PORT, FIRST_PORT + 1000, 10):
        if all(map(_is_free, range(base, base + SERVICES))):
            return base
    raise DemoFailed(f"no {SERVICES} neighbouring free ports from {FIRST_PORT} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait_until_ready(system: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_LIMIT
    while not any(line.startswith("ready") for line in LOG.read_text("utf-8", "replace").splitlines()):
        if system.poll() is not None:
            raise DemoFailed(f"the system ended with {system.returncode} before it was ready")
        if time.monotonic() > deadline:
            raise DemoFailed(f"the system was not ready after {READY_LIMIT} s")
        time.sleep(0.1)


def _load_and_show() -> None:
    _qihang("campaign", "launch", "campaigns/xue-lun-shu-in-full.yaml")
    _qihang("import", "tests/samples/district")
    _qihang("import", str(POSTS.relative_to(ROOT)))
    _qihang("settle")
    _qihang("scoreboard", "--window", WINDOW)
    if not SLIPS.exists():  # at the first start: later ones find the accounts as their owners left them
        _qihang("accounts", "create", *_posts(), "--slips", str(SLIPS.relative_to(ROOT)))


def _posts() -> dict[str, str]:
    """Whose account the demonstration opens, and the post that they hold."""
    with POSTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    posts = {
        row["person_id"]: f"{OFFICES.get(row['unit_id'], row['unit_id'])} {POST_LABELS[row['post']]}".strip()
        for row in rows
    }
    return posts | TEACHERS


def _qihang(*words: str) -> None:
    print(f"$ qihang {' '.join(words)}", flush=True)
    done = subprocess.run([QIHANG, *words], env={**os.environ, "QIHANG_DATA": str(DATA)}, check=False)
    if done.returncode:
        raise DemoFailed(f"`qihang {' '.join(words)}` ended with {done.returncode}")


def _print_addresses(base: int) -> None:
    password = (DATA / "operator.password").read_text().strip()
    print(f"""
地址 address   http://127.0.0.1:{base}
登录 sign in   operator / {password}
账号 accounts  {f"{chr(10)}               ".join(f"{person}  {post}" for person, post in _posts().items())}
               一次性的初始密码 one-time passwords: {SLIPS.relative_to(ROOT)}
命令 commands  export QIHANG_DATA={DATA.relative_to(ROOT)}; .venv/bin/qihang status
日志 log       {LOG.relative_to(ROOT)}
日期 day       示范数据是 2022 年 11 月到 2023 年底的；重新开始时用 DEMO_DAY=2023-11-15 make demo，系统就从那一天起
               the sample's records end in 2023: remove var/demo, then DEMO_DAY=2023-11-15 make demo begins on that day
""", flush=True)  # fmt: skip


def _log_tail(lines: int = 20) -> str:
    return "\n".join(LOG.read_text("utf-8", "replace").splitlines()[-lines:])


def _stop(system: subprocess.Popen[bytes]) -> None:
    if system.poll() is None:
        system.terminate()
        try:
            system.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            system.kill()
            system.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
