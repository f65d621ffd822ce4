"""Freezes what has no frozen schema yet, and keeps the list of fingerprints; never changes what is frozen.

`python -m docs.generate freeze`, after contracts/frozen/NAME.example.json was written by hand."""

import hashlib
import json
from pathlib import Path

from docs.generate.contracts import Contract

MANIFEST = "SHA256SUMS"


def freeze(folder: Path, known: list[Contract]) -> list[str]:
    """Write the schemas that are missing and list new files.  What was done, and what cannot be."""
    messages = []
    for contract in known:
        schema = folder / f"{contract.wire}.schema.json"
        if not (folder / f"{contract.wire}.example.json").exists():
            messages.append(f"{contract.wire}: write an example first: contracts/frozen/{contract.wire}.example.json")
        elif not schema.exists():
            schema.write_text(json.dumps(contract.schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            messages.append(f"{contract.wire}: schema written")
    listed = manifest(folder)
    fresh = {path.name: fingerprint(path) for path in sorted(folder.glob("*.json")) if path.name not in listed}
    lines = [f"{digest}  {name}\n" for name, digest in sorted((listed | fresh).items())]
    (folder / MANIFEST).write_text("".join(lines), encoding="ascii")
    return [*messages, *(f"{name}: frozen" for name in fresh)]


def manifest(folder: Path) -> dict[str, str]:
    """File name -> SHA-256, as frozen."""
    path = folder / MANIFEST
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def frozen_differences(folder: Path) -> list[str]:
    """What is not as it was frozen, with the remedy."""
    problems = []
    listed = manifest(folder)
    for name, digest in listed.items():
        path = folder / name
        if not path.exists() or fingerprint(path) != digest:
            problems.append(
                f"contracts/frozen/{name} was {'changed' if path.exists() else 'removed'}: it is what stands in logs "
                "already. Put it back, and make a new version of the event with an upcaster (see CONTRIBUTING)."
            )
    problems += [
        f"contracts/frozen/{path.name} is not listed: run `python -m docs.generate freeze`"
        for path in sorted(folder.glob("*.json")) if path.name not in listed
    ]  # fmt: skip
    return problems
