"""How a private RabbitMQ node is set up: whose programs, and its own ports, cookie, settings and data."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.processes import free_ports

MISSING = "RabbitMQ is not installed: `apt-get install rabbitmq-server`, or set QIHANG_RABBITMQ_SBIN to its scripts"
ROOT = Path(__file__).resolve().parents[2]
NODE = "qihang-tests@localhost"  # localhost resolves everywhere; the machine's name may not
DEBIANS = Path("/usr/lib/rabbitmq/bin")
DEPRECATED = ("global_qos", "transient_nonexcl_queues")
"""What RabbitMQ 4 still permits and the next one will not: refused in tests, so that nothing of ours needs it."""
# The other Debian sees this machine's devices, processes and names, and the node's folder where it is here.  Nothing of
# it outlives the process; the last exec keeps its pid.
INSIDE = """
set -e
mkdir -p "$1$2"; touch "$1/etc/hosts"
for one in /dev /proc; do mount --rbind "$one" "$1$one"; done
for one in /etc/hosts "$2"; do mount --bind "$one" "$1$one"; done
root=$1; shift 2
exec chroot "$root" "$@"
"""


def scripts_folder() -> Path:
    """Where rabbitmq's own scripts are.

    Not Debian's wrappers in /usr/sbin: those insist on the user rabbitmq and on /var/lib/rabbitmq.
    """
    named = os.environ.get("QIHANG_RABBITMQ_SBIN")
    candidates = [Path(named)] if named else [DEBIANS, Path("/opt/rabbitmq/sbin")]
    for folder in candidates:
        if (folder / "rabbitmq-server").exists():
            return folder
    raise RuntimeError(MISSING)


def other_root() -> Path | None:
    """The folder of another Debian whose RabbitMQ is run (`FOLDER=... deploy/debian/build rabbitmq`); only for root."""
    named = os.environ.get("QIHANG_RABBITMQ_ROOT")
    return Path(named).resolve() if named else None


class Setup:
    """One node's folder, written at once, and how its programs are called."""

    def __init__(self, user: str, password: str) -> None:
        self._root = other_root()
        self._scripts = DEBIANS if self._root else scripts_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="qihang-rabbitmq-"))
        self.port, self.api_port, self._dist_port, self.epmd_port, self.tls_port = free_ports(5)
        self._write(user, password)

    def command(self, script: str, *arguments: str) -> list[str]:
        words = [os.fspath(self._scripts / script), *arguments]
        if self._root is None:
            return words
        mounted = ["unshare", "--mount", "--propagation", "private", "--", "sh", "-c", INSIDE, "inside"]
        return [*mounted, os.fspath(self._root), os.fspath(self.folder), *words]

    def environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            "HOME": folder,  # where Erlang looks for the cookie
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": f"{folder}/conf.d",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/none.config",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none-env.conf",  # nothing of the machine's own node
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/generated",
            # +sbwt: an idle node must not spin on a core that the tests need
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none "
            "-kernel inet_dist_use_interface {127,0,0,1}",
            # makes the script exec Erlang in its own place: the pid that we know is the node itself
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._root is not None:
            with contextlib.suppress(OSError):
                Path(f"{self._root}{self.folder}").rmdir()

    def _write(self, user: str, password: str) -> None:
        (self.folder / "log").mkdir()
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)  # Erlang refuses a cookie that others may read
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq.conf").write_text(
            f"""\
listeners.tcp.1 = 127.0.0.1:{self.port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {self.api_port}
default_user = {user}
default_pass = {password}
default_user_tags.administrator = true
log.file.level = info
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.absolute = 2GB
# the write-ahead log of quorum queues reserves its whole size when it rolls over
raft.wal_max_size_bytes = 16777216
collect_statistics_interval = 1000
"""
        )
        if self._root is not None:
            with (self.folder / "rabbitmq.conf").open("a") as settings:
                settings.writelines(f"deprecated_features.permit.{name} = false\n" for name in DEPRECATED)
        self._write_tls()

    def _write_tls(self) -> None:
        """It listens with TLS too, by the settings and with a certificate as a district server has with amqps.yml."""
        certificates = self.folder / "tls"
        for folder in (certificates, self.folder / "conf.d"):
            folder.mkdir()
        script = os.fspath(ROOT / "deploy" / "make-broker-certificate")
        make = [script, "--folder", os.fspath(certificates), "127.0.0.1", "localhost"]
        subprocess.run(make, check=True, capture_output=True, timeout=60)
        text = (ROOT / "deploy" / "rabbitmq" / "amqps.conf").read_text("utf-8")
        text = text.replace("listeners.ssl.default = 5671", f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}")
        (self.folder / "conf.d" / "20-amqps.conf").write_text(text.replace("/run/secrets", str(certificates)))
