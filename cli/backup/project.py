"""The district server of this folder, spoken to by its own scripts (deploy/compose.sh) and by Docker."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from cli.failure import Failure

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("QIHANG_PROJECT", "QIHANG_SECRETS", "QIHANG_DISTRICT", "QIHANG_PARTITIONS", "QIHANG_HEADS", "QIHANG_IMAGE",
            "QIHANG_PORT", "QIHANG_BIND")  # fmt: skip
SHOWN = " ".join(f'"${{{name}:-}}"' for name in SETTINGS)
NAMES = f'. deploy/compose.sh && printf "%s\\n" "$(base postgres)" {SHOWN}'
COMPOSE = '. deploy/compose.sh && compose "$@"'
ALONE = ("docker", "run", "--rm", "--interactive", "--network", "none", "--cap-drop", "ALL")
READY_LIMIT = 120  # seconds
KEPT_VOLUMES = ("prometheus",)
"""Figures of the monitoring are no part of the system."""


class Project:
    """Its names, as `.env` and the environment give them now."""

    def __init__(self) -> None:
        lines = _run(["bash", "-c", NAMES], "找不到容器的设置").split("\n")
        self.postgres_image = lines[0]
        values = dict(zip(SETTINGS, lines[1:], strict=False))
        self.name, self.image = values["QIHANG_PROJECT"], values["QIHANG_IMAGE"]
        self.secrets = ROOT / values["QIHANG_SECRETS"]
        self.district, self.partitions = values["QIHANG_DISTRICT"], int(values["QIHANG_PARTITIONS"] or 1)
        self.heads_folder = ROOT / values["QIHANG_HEADS"] if "/" in values["QIHANG_HEADS"] else None
        self.address = f"http://{values['QIHANG_BIND'] or '127.0.0.1'}:{values['QIHANG_PORT']}"

    def compose(self, *words: str) -> str:
        """docker compose with the project's files; what it printed.  Failure."""
        return _run(["bash", "-c", COMPOSE, "compose", *words], f"compose {words[0]} 没有完成")

    def script(self, name: str) -> str:
        """One of deploy/.  Failure."""
        return _run([str(ROOT / "deploy" / name)], f"deploy/{name} 没有完成")

    def volumes(self) -> list[str]:
        """Those that hold the system's data."""
        words = ["docker", "volume", "ls", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}"]
        names = _run(words, "Docker 没有答复").split()
        return [name for name in names if name.removeprefix(f"{self.name}_") not in KEPT_VOLUMES]

    def remove(self) -> None:
        """Containers and data."""
        self.compose("down", "--remove-orphans", "--timeout", "60")
        if names := self.volumes():
            _run(["docker", "volume", "rm", *names], "旧的数据卷没有删除")

    def container(self, service: str, *, running: bool = True) -> str:
        """The id of a service's container.  Failure: there is none."""
        words = ["docker", "ps", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}",
                 "--filter", "label=com.docker.compose.oneoff=False",
                 "--filter", f"label=com.docker.compose.service={service}"]  # fmt: skip
        ids = _run([*words, *([] if running else ["--all"])], "Docker 没有答复").split()
        if not ids:
            raise Failure(f"{self.name} 的容器 {service} 没有运行")
        return ids[0]

    def inside(self, service: str, user: str = "") -> Sequence[str]:
        """What stands before a program that is to run in a service's container.  Failure: it does not run."""
        as_user = ["--env", f"PGUSER={user}", "--user", user] if user else []
        return ["docker", "exec", "--interactive", *as_user, self.container(service)]

    def attached(self, service: str, program: str) -> Sequence[str]:
        """The same on the volumes of a container that does not run."""
        return [*ALONE, "--volumes-from", self.container(service, running=False), "--entrypoint", program, self.image]

    def start_store(self) -> None:
        """PostgreSQL alone, until it answers.  Failure."""
        self.compose("up", "--detach", "--no-build", "--no-deps", "postgres")
        until = time.monotonic() + READY_LIMIT
        asking = [*self.inside("postgres"), "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres"]
        while subprocess.run(asking, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode:
            if time.monotonic() > until:
                raise Failure(f"{self.name} 的 postgres {READY_LIMIT} 秒内没有就绪")
            time.sleep(0.3)


def _run(words: Sequence[str], failure: str) -> str:
    nothing = subprocess.DEVNULL
    done = subprocess.run(words, cwd=ROOT, stdin=nothing, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"{failure}：{done.stderr.strip()[-2000:]}")
    return done.stdout
