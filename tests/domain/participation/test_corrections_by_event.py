"""The corrections of the sample district reported as events leave the same rows as its corrections.csv."""

from contracts.corrections import ExemptionCorrected, FindingCorrected
from services.participation.batch.domain import decide_row
from services.participation.domain import ROW_KINDS, Accepted, Ledger, Refused, Row, Unchanged, row_of
from services.participation.domain.naming import targets_of
from services.participation.domain.rows import CORRECTABLE, ID_COLUMNS, ROW_REASON, CorrectionRow
from tests.domain.participation.district import apply_decision, decide_file, key_of, sample_rows, sample_rules
from tests.domain.participation.scripted import given, good

KINDS = [kind.name for kind in ROW_KINDS.values() if kind.file]


def sample_ledger(*kinds: str) -> Ledger:
    ledger = Ledger()
    for kind in kinds:
        decide_file([row for _, row in sample_rows(kind)], ledger, sample_rules())
    return ledger


def as_event(row: CorrectionRow) -> Row | None:
    """The correction as an event reports it; None where no event can: no such row or column."""
    kind, target = CORRECTABLE.get(row.table, ""), next(targets_of(row), None)
    if target is None or not row.correction_id:
        return None
    cells = {**dict(zip(ID_COLUMNS[kind], target.ids, strict=True)), "reason": row.reason}
    if row.column == "*":
        return (
            row_of(f"{kind}_{'restored' if row.value else 'voided'}", cells) if row.value in ("", "restore") else None
        )
    changeable = set(ROW_KINDS[f"{kind}_corrected"].columns) - cells.keys()
    column = ROW_REASON if row.column == "reason" else row.column
    return row_of(f"{kind}_corrected", {**cells, column: row.value}) if column in changeable else None


def standing_rows(ledger: Ledger) -> dict[str, object]:
    rows: dict[str, object] = {}
    for kind in CORRECTABLE.values():
        if kind == "membership":
            rows |= {f"{m.row[0]}/{m.unit_id}/{m.since}": (m.row, m.voided)
                     for person in ledger.people.values() for m in (*person.memberships, *person.voided)}  # fmt: skip
        elif kind == "post":
            rows |= {"/".join(post.row): (post.row, post.voided)
                     for person in ledger.people.values() for post in person.posts}  # fmt: skip
        else:
            rows |= {f"{kind}:{name}": (fact.row, fact.voided) for name, fact in getattr(ledger, f"{kind}s").items()}
    return rows


def test_corrections_as_events_leave_the_rows_that_corrections_as_a_file_leave() -> None:
    by_file, by_event = sample_ledger(*KINDS[:-1]), sample_ledger(*KINDS[:-1])
    judged = set()
    spent = set()
    for _, row in sample_rows("correction"):
        assert isinstance(row, CorrectionRow)
        decision = apply_decision(decide_row(row, by_file, sample_rules(), key_of), by_file)
        repeated = row.correction_id in spent
        spent.add(row.correction_id)
        if repeated or (event := as_event(row)) is None:
            apply_decision(decision, by_event)
            continue
        other = apply_decision(decide_row(event, by_event, sample_rules(), key_of), by_event)
        if isinstance(decision, Refused) and decision.code != "missing":
            assert isinstance(other, Refused) and other.code == decision.code, (row, decision, other)
        else:
            assert type(other) is type(decision), (row, decision, other)
        judged.add(type(other))
    assert judged == {Accepted, Unchanged, Refused}
    assert standing_rows(by_event) == standing_rows(by_file)


def test_the_sample_district_again_is_unchanged_but_for_ids_that_are_spent() -> None:
    ledger = sample_ledger(*KINDS)
    before = standing_rows(ledger)
    for kind in KINDS:
        for row, decision in zip(*_again(kind, ledger), strict=True):
            assert not isinstance(decision, Accepted), row
    assert standing_rows(ledger) == before


def _again(kind: str, ledger: Ledger) -> tuple[list[Row], list[object]]:
    rows = [row for _, row in sample_rows(kind)]
    return rows, list(decide_file(rows, ledger, sample_rules()))


def test_an_event_corrects_the_reason_of_its_row_and_says_why() -> None:
    book = given(good("exemption"))
    decision = book.when(corrected("exemption", exemption_id="E1", row_reason="产假", reason="看错病历")).decision
    assert isinstance(decision, Accepted)
    (event,) = decision.events
    assert isinstance(event, ExemptionCorrected)
    assert (event.reason, event.columns, event.correction_reason) == ("产假", ("reason",), "看错病历")


def test_the_reason_of_an_event_leaves_the_reason_of_its_row() -> None:
    book = given(good("exemption"))
    apply_decision(book.when(corrected("exemption", exemption_id="E1", period="2023-spring", reason="填错")).decision,
                   book.ledger)  # fmt: skip
    exemption = book.ledger.exemptions["E1"].row
    assert (exemption.period, exemption.reason) == ("2023-spring", "病假")


def test_a_row_may_not_lose_a_reason_that_it_must_have() -> None:
    for kind, name in (("exemption", "E1"), ("decision", "D1")):
        emptied = corrected(kind, **{f"{kind}_id": name, "row_reason": "", "reason": "有误"})
        given(good(kind)).when(emptied).then_refused("row_reason", "missing")


def test_what_a_finding_is_about_is_corrected_like_its_points() -> None:
    book = given(good("finding"))
    decision = book.when(corrected("finding", finding_id="F1", category="研讨", description="", reason="有误")).decision
    assert isinstance(decision, Accepted)
    (event,) = decision.events
    assert isinstance(event, FindingCorrected)
    assert (event.category, event.description, event.points) == ("研讨", "", "1.5")
    assert event.columns == ("category", "description")


def corrected(kind: str, **cells: str) -> Row:
    return row_of(f"{kind}_corrected", cells)
