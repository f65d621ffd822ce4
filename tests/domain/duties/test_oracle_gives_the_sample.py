"""The second program of scoring.md, alone, gives the expected results of its sample district byte for byte."""

from __future__ import annotations

import yaml

from tests.domain.duties.oracle_of_files import everything, numbered_rows
from tests.domain.duties.sample_district import SAMPLES


def test_oracle_gives_the_sample() -> None:
    campaign = yaml.safe_load((SAMPLES / "campaign.yaml").read_text(encoding="utf-8"))
    district = (SAMPLES / "district").iterdir()
    files = {path.name: path.read_bytes().decode("utf-8", "surrogateescape") for path in district}
    windows = [row for _, row in numbered_rows((SAMPLES / "windows.csv").read_text(encoding="utf-8"))]
    for name, text in everything(campaign, files, windows).items():
        assert text == (SAMPLES / "expected" / name).read_bytes().decode("utf-8"), name
