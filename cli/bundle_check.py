"""Checks a bundle by itself: its files against the manifest, the manifest against the log's event, that against the
signed head.  Needs no system."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from cli.failure import Failure

MANIFEST, PROOF = "manifest.json", "proof.json"
CHAINED = ("id", "type", "stream", "version", "occurred_at", "recorded_at", "actor", "correlation", "causation", "data")
"""Members of an event that its hash covers, in this order (docs/architecture.md)."""
Json = dict[str, Any]


def check_bundle(path: Path, trusted: bytes | None) -> tuple[list[str], list[str]]:
    """(what is wrong, what holds).  Failure: it is no bundle."""
    try:
        with zipfile.ZipFile(path) as bundle:
            names = bundle.namelist()
            manifest_bytes = bundle.read(MANIFEST)
            manifest, proof = json.loads(manifest_bytes), json.loads(bundle.read(PROOF))
            problems = _files(bundle, names, manifest)
        problems += _log(manifest, manifest_bytes, proof, trusted)
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise Failure(f"{path} 不是完整的印证资料包：{error}") from None
    event, head = proof["event"], proof["head"]
    facts = [f"一致：{manifest['unit']} {manifest['semester']}，{len(manifest['files'])} 个文件",
             f"日志证明：位置 {event['partition']}/{event['position']}，{head['day']} 签名",
             f"哈希 {event['hash']}"]  # fmt: skip
    if trusted is None:
        fingerprint = hashlib.sha256(proof["public_key"].encode()).hexdigest()[:16]
        facts.append(f"签名的公钥（指纹 {fingerprint}）来自资料包本身；用 --key 与可信的公钥核对")
    return problems, facts


def _files(bundle: zipfile.ZipFile, names: list[str], manifest: Json) -> list[str]:
    listed = {item["path"]: item for item in (*manifest["documents"], *manifest["files"])}
    problems = [f"缺少 {name}" for name in listed if name not in names]
    problems += [f"多出 {name}" for name in sorted(set(names) - listed.keys() - {MANIFEST, PROOF})]
    problems += [f"重复 {name}" for name in sorted({name for name in names if names.count(name) > 1})]
    for name, item in listed.items():
        if name in names and (fault := _content(bundle, name, item)):
            problems.append(f"{fault} {name}")
    return problems


def _content(bundle: zipfile.ZipFile, name: str, item: Json) -> str:
    digest, size = hashlib.sha256(), 0
    try:
        with bundle.open(name) as member:
            while piece := member.read(1 << 16):
                digest.update(piece)
                size += len(piece)
                if size > item["size"]:
                    return "被改动"
    except (zipfile.BadZipFile, NotImplementedError):
        return "损坏"
    return "" if (digest.hexdigest(), size) == (item["sha256"], item["size"]) else "被改动"


def _log(manifest: Json, manifest_bytes: bytes, proof: Json, trusted: bytes | None) -> list[str]:
    event, head, data = proof["event"], proof["head"], json.loads(proof["event"]["data"])
    problems = []
    logged = (data["manifest_sha256"], data["unit_id"], data["semester"])
    if logged != (hashlib.sha256(manifest_bytes).hexdigest(), manifest["unit_id"], manifest["semester"]):
        problems.append("清单 manifest.json 被改动：与日志中的记载不同")
    chained = _canonical([proof["previous"], *(event[name] for name in CHAINED)])
    place = ("partition", "position", "hash")
    if hashlib.sha256(chained).hexdigest() != event["hash"] or any(head[name] != event[name] for name in place):
        problems.append("日志证明 proof.json 被改动：哈希不符")
    key = load_pem_public_key(trusted or proof["public_key"].encode())
    content = _canonical(dict(sorted({"kind": "qihang.head", **head, "signature": ""}.items())))
    try:
        assert isinstance(key, Ed25519PublicKey)
        key.verify(bytes.fromhex(head["signature"]), content)
    except (InvalidSignature, AssertionError):
        problems.append("日志头的签名不是该公钥所签")
    return problems


def _canonical(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
