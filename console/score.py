"""Score (得分): a unit's own figures and band, each duty's part, and what can still be won in the window."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue

from console import labels
from console.charts import Chart, Series, csv_of
from console.duties import STATES, duties_answer
from console.guard import signed_in
from console.language import words
from console.own_units import chosen_unit
from console.page_registry import SCORE
from console.users import User

blueprint = Blueprint("score", __name__)
BANDS = {"front": "前15%", "middle": "中段", "below": "待加强"}
"""Of a unit's own; no list of others is shown."""
SERIES = {"done": 3, "late": 2, "overdue": 4, "open": 5}
"""States of duties in the chart, and their colours."""


@blueprint.get(SCORE.path)
@signed_in(SCORE.right)
def unit_score(user: User) -> ResponseReturnValue:
    asked = chosen_unit(user)
    response = duties_answer(user, asked)
    body = response.body
    return render_template(
        "score.html", response=response, asked=asked, figures=body.get("figures"), parts=body.get("parts") or [],
        band=BANDS.get(str((body.get("ranking") or {}).get("band")), ""), to_win=to_win(body.get("duties") or []),
        page=SCORE, labels=labels, states=STATES, window=str(body.get("window") or asked.window),
        as_of=str(body.get("as_of") or asked.as_of), person=not asked.unit_id, share_of=share_of, percent=percent,
        chart=by_month(body),
    )  # fmt: skip


@blueprint.get(f"{SCORE.path}/chart.csv")
@signed_in(SCORE.right)
def chart(user: User) -> ResponseReturnValue:
    """What the chart shows, as a file."""
    asked = chosen_unit(user)
    response = duties_answer(user, asked)
    if not response.ok:
        abort(response.status if response.status < 500 else 503)
    answer: Response = csv_of(by_month(response.body), "duties-by-month")
    return answer


def by_month(body: Mapping[str, Any]) -> Chart:
    """How many of the unit's duties that fell due in each month were done on time, late, or not."""
    lines = [line for line in body.get("duties") or [] if line["state"] in SERIES]
    months = sorted({str(line["due"])[:7] for line in lines})
    counts = Counter((str(line["due"])[:7], line["state"]) for line in lines)
    series = [Series(words(STATES[state]), [counts[month, state] for month in months], tone)
              for state, tone in SERIES.items()]  # fmt: skip
    window = str(body.get("window") or "")
    return Chart(words("各月截止的任务"), [labels.short_window_label(month, window) for month in months], series)


def to_win(lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What is not done yet and worth something in the window, the most first."""
    undone = [line for line in lines if line["state"] in ("open", "overdue") and line["worth"] is not None]
    return sorted(undone, key=lambda line: (-Decimal(line["worth"]), line["due"]))


def share_of(part: str, whole: str) -> int:
    """Percent for a bar, 0 to 100; nothing of nothing is 0."""
    most = Decimal(whole)
    return int(100 * Decimal(part) / most) if most else 0


def percent(share: str) -> str:
    """`0.0741` as people read it: 7.41%."""
    return f"{Decimal(share) * 100:.2f}%"
