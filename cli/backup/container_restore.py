"""Restores a district server in containers: everything is read and checked first, then its volumes are made anew."""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyrage

from cli import output
from cli.backup.archive import Json, Sink, read_whole
from cli.backup.consistent_cut import ERASED, PERSON
from cli.backup.containers import ENV, Containers
from cli.backup.dumped_logs import HEAD_ENDING, heads_in_folder
from cli.backup.embedded import HOLD_REASON, SERVICES
from cli.backup.loading import Secrets, StoreLoader
from cli.backup.project import ROOT, Project
from cli.content_files import SERVICES as WITH_FILES
from cli.failure import Failure

ENV_OF_BACKUP = ROOT / ".env.backup"
LOCK = ROOT / "var" / "restore.lock"
LOADED = "SELECT count(*), max(hash) FILTER (WHERE position = {position}) FROM log_events WHERE partition = {partition}"
AS_POSTGRES = ("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d")
RECOVER = ("run", "--rm", "-T", "--no-deps", "--entrypoint", "python")


class ContainerRestore:
    """The district server of this folder, to be restored.  `heads`: a folder of signed heads that were kept elsewhere;
    `despite_heads`: heads that the backup does not contain are reported, and no reason to stop."""

    kind = "containers"

    def __init__(self, heads: Path | None, *, despite_heads: bool) -> None:
        self._heads = heads_in_folder(heads) if heads else []
        self._despite_heads = despite_heads
        self._began = time.monotonic()

    @contextmanager
    def held(self, about: Json) -> Iterator[None]:
        """One restore at a time; `.env` is there, and fits.  Failure."""
        LOCK.parent.mkdir(exist_ok=True)
        with LOCK.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Failure("另一个恢复正在进行") from None
            _settle_env(about["env"])
            self._project = Project()
            _check_settings(self._project, about)
            self._step("准备镜像")
            self._project.script("images")
            self._project = Project()  # knows the images that are here now
            yield

    def holds_data(self) -> bool:
        return bool(self._project.volumes())

    def known_erased(self) -> list[str]:
        """Who is erased in the system that is about to be replaced, if its store can still be started."""
        if not self.holds_data():
            return []
        try:
            if not (self._project.secrets / "complete").is_file():
                raise Failure("没有它的密码和密钥")
            self._project.start_store()
            rows = self._psql("participation", ERASED).split()
        except Failure as failure:
            output.print_line(f"现有系统里删除过谁的个人信息读不出（{failure}）")
            return []
        return [row.removeprefix(PERSON) for row in rows]

    def restore(self, file: Path, identity: pyrage.x25519.Identity, erased: list[str]) -> Json:
        """Reads and checks all, then makes the volumes anew and loads them; no service runs.  Failure."""
        self._step("解开并核对备份")
        secrets = Secrets()
        about = self._check(file, identity, secrets)
        self._step("停止并清空")
        self._project.remove()
        secrets.put(self._project.secrets, about["secrets"])
        self._step("装入各库和文件")
        self._project.compose("up", "--no-start", "--no-build")
        self._project.start_store()
        loading = StoreLoader(self._project)
        read_whole(file, identity, loading)
        loading.finish()
        self._compare(about["stores"])
        self._end_sessions(erased)
        return about

    def _check(self, file: Path, identity: pyrage.x25519.Identity, secrets: Secrets) -> Json:
        with Containers(self._project, self._heads).checking() as dumps:

            def sink(name: str) -> Sink | None:
                return secrets(name) or dumps(name)

            about = read_whole(file, identity, sink)
            dumps.compare(about["stores"])
            self._contained, wrong = dumps.compare_heads(about["district"])
            if wrong:
                message = f"签名的日志头不在备份的日志中，历史可能被改写过：{'；'.join(wrong)}"
                if not self._despite_heads:
                    raise Failure(f"{message}。什么都没有改；查明原因后可加 --despite-heads")
                output.print_line(message)
            if set(secrets.files) != set(about["secrets"]):
                raise Failure("备份里的密码和密钥不全")
        return about

    def _compare(self, states: Json) -> None:
        for store, state in states.items():
            for head in state.get("heads", ()):
                partition, position = int(head["partition"]), int(head["position"])
                there = self._psql(store, LOADED.format(partition=partition, position=position)).strip()
                if there != f"{position}|{head['hash'] if position else ''}":
                    raise Failure(f"{store} 的日志没有装到 {head['position']}")

    def _end_sessions(self, erased: Sequence[str]) -> None:
        """Who signed out since the backup stays signed out, and who was erased has no account: all sign in anew."""
        self._psql("console", "DELETE FROM sessions")
        listed = ", ".join("'" + person.replace("'", "''") + "'" for person in erased)
        for table in ("accounts", "second_steps", "recovery_codes") if erased else ():
            self._psql("console", f"DELETE FROM {table} WHERE account_id IN ({listed})")  # noqa: S608 - quoted above

    def _psql(self, store: str, query: str) -> str:
        words = [*self._project.inside("postgres", "postgres"), *AS_POSTGRES, store]
        done = subprocess.run(words, input=query, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"{store} 的库没有答复：{done.stderr.strip()}")
        return done.stdout

    def begin_again(self, _: Json, erased: list[str]) -> None:
        """New epochs, reminders held, erased again who was erased since, everything started and verified.  Failure."""
        self._step("开始新的纪元")
        with ThreadPoolExecutor() as pool:  # a container and a store for each
            console = pool.submit(self._project.compose, *RECOVER, "console", "-m", "console.store.upgrade")
            list(pool.map(lambda service: self._recover(service, "begin-epoch", service), SERVICES))
            console.result()
        self._recover("notifications", "hold-reminders", HOLD_REASON)
        if erased:
            self._recover("participation", "erase", *erased)
        self._step("启动")
        self._project.script("up")
        self._step("核对")
        self._verify()

    def _recover(self, service: str, *words: str) -> None:
        self._project.compose(*RECOVER, service, "-m", "chassis.recovery.restore", *words)

    def _verify(self) -> None:
        """Chains, inboxes and files as `qihang verify` does it; and the signatures of the heads.  Failure."""
        token = self._project.secrets / "operator.token"
        environment = os.environ | {"QIHANG_URL": self._project.address, "QIHANG_TOKEN_FILE": str(token)}
        with tempfile.TemporaryDirectory() as folder:
            for number, head in enumerate(self._contained):
                (Path(folder) / f"{number}{HEAD_ENDING}").write_text(json.dumps(head), encoding="utf-8")
            signed = {head["service"] for head in self._contained}

            def verify(service: str) -> subprocess.CompletedProcess[str]:
                words = [sys.executable, "-m", "cli.main", "verify", service]
                words += ["--files"] * (service in WITH_FILES) + ["--heads", folder] * (service in signed)
                return subprocess.run(words, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)

            with ThreadPoolExecutor() as pool:
                verified = list(pool.map(verify, SERVICES))
        for line in "".join(done.stdout for done in verified).splitlines():
            output.print_line(line)
        if failed := [done.stderr.strip() for done in verified if done.returncode]:
            raise Failure(f"已恢复并启动，但核对没有通过：{'；'.join(failed)}")

    def next_step(self) -> str:
        return f"在 {self._project.address} 登录，用 qihang status 看各服务是否没有滞后"

    def _step(self, text: str) -> None:
        output.print_line(f"{time.monotonic() - self._began:6.1f} 秒  {text}")


def _settle_env(of_backup: str | None) -> None:
    """`.env` of the backup where there is none; one that is there stays."""
    if of_backup is None:
        return
    if not ENV.exists():
        ENV.write_text(of_backup, encoding="utf-8")
        output.print_line(".env 取自备份")
    elif ENV.read_text(encoding="utf-8") != of_backup:
        ENV_OF_BACKUP.write_text(of_backup, encoding="utf-8")
        output.print_line(f".env 与备份里的不同，用现有的；备份里的写到 {ENV_OF_BACKUP.name}")


def _check_settings(project: Project, about: Json) -> None:
    if project.district != about["district"]:
        raise Failure(f"这份备份是区县 {about['district']} 的，这里设置的是 {project.district}（QIHANG_DISTRICT）")
    partitions = len(about["stores"]["participation"]["heads"])
    if project.partitions != partitions:
        raise Failure(f"这份备份有 {partitions} 个分区，这里设置的是 {project.partitions}（QIHANG_PARTITIONS）")
