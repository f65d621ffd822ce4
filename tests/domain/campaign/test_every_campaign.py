"""Every campaign that the repository ships can be launched."""

from pathlib import Path

import pytest

from cli.campaign_file import read_campaign_file
from duties.campaign import Campaign
from services.participation.campaign.file import load

FILES = sorted((Path(__file__).resolve().parents[3] / "campaigns").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_read_without_a_problem_and_its_file_bears_its_name(path: Path) -> None:
    """A variant of a campaign says more behind the name: `xue-lun-shu-in-full.yaml`."""
    name = Campaign.from_data(load(read_campaign_file(path).text)).id
    assert path.stem == name or path.stem.startswith(f"{name}-")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_its_readers_mark_writing_and_use_and_never_what_people_think(path: Path) -> None:
    rubric = Campaign.from_data(load(read_campaign_file(path).text)).publicity.rubric
    assert [item.title for item in rubric] == ["文字表达", "借鉴价值"]


def test_there_is_one() -> None:
    assert FILES
