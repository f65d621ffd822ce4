"""Zipped documents are looked at before anybody unpacks them; what is broken in them is refused by a code."""

from __future__ import annotations

import io
import zipfile

import pytest

from chassis.process.packages import BadPackage, PackageLimits, check_package

LIMITS = PackageLimits(unpacked=1 << 20, xml_part=1 << 20)


def package() -> bytearray:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("a.xml", "<a>" + "text" * 50 + "</a>")
    return bytearray(buffer.getvalue())


def test_a_part_whose_deflated_bytes_are_damaged_is_broken() -> None:
    damaged = package()
    start = 30 + len("a.xml")
    damaged[start] = 0xFF  # a block of the reserved kind
    with pytest.raises(BadPackage) as refused:
        check_package(io.BytesIO(bytes(damaged)), LIMITS)
    assert refused.value.code == "broken"
    assert check_package(io.BytesIO(bytes(package())), LIMITS) == {"a.xml"}
