"""Why a candidate stands where it stands, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from console import labels
from console.language import words

STATUSES = {"awarded": "拟表彰", "tied": "并列待定", "reserve": "递补"}
DECISIONS = {"choose": "并列评定", "veto": "一票否决", "decline": "放弃"}
Line = Mapping[str, Any]


def pool_name(kinds: Iterable[str]) -> str:
    """A pool by the kinds of its units."""
    return "、".join(words(labels.label(labels.KINDS, kind)) for kind in kinds)


class Reasons:
    """Of one year's candidates."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._chosen = {item["unit_id"] or item["person_id"] for item in body.get("decisions") or []
                        if item["kind"] == "choose" and item["binds"]}  # fmt: skip
        self._open = (body.get("people") or {}).get("allocation") == "open"
        self._seats = (body.get("people") or {}).get("seats", 0)
        self._people = [line for unit in (body.get("people") or {}).get("units") or [] for line in unit["lines"]]

    def of_unit(self, pool: Line, line: Line) -> str:
        """A unit's place in its pool."""
        tied = [each for each in pool["lines"] if each["position"] == line["position"]]
        if line["status"] == "reserve":
            before = [each for each in pool["lines"] if each["position"] < line["position"]
                      or (each["position"] == line["position"] and each["status"] == "awarded")]  # fmt: skip
            return words("名额之后第 {} 位，依次递补").format(len(before) - pool["seats"] + 1)
        if line["status"] == "tied":
            awarded = sum(each["status"] == "awarded" for each in pool["lines"])
            return words("{count} 个单位得分、完成率、按时率都相同，争 {seats} 个名额，待会议评定").format(
                count=sum(each["status"] == "tied" for each in tied), seats=pool["seats"] - awarded)  # fmt: skip
        if line["unit_id"] in self._chosen and len(tied) > 1:
            return words("并列，经会议评定")
        return words("在 {} 个名额之内").format(pool["seats"])

    def of_person(self, unit: Line, line: Line) -> str:
        """A person's place among those of their unit, or of all."""
        among = self._people if self._open else unit["lines"]
        seats = self._seats if self._open else unit["quota"]
        if line["status"] == "tied":
            awarded = sum(each["status"] == "awarded" for each in among)
            return words("{count} 人积分和按时率都相同，争 {seats} 个名额，待会议评定").format(
                count=sum(each["status"] == "tied" for each in among), seats=seats - awarded)  # fmt: skip
        if line["person_id"] in self._chosen:
            return words("并列，经会议评定")
        return words("在 {} 个名额之内").format(seats)
