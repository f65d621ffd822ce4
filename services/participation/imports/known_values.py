"""Loads from registry and log what a batch of rows refers to, with few queries whatever the number of rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from chassis.events.canonical_json import moment
from chassis.store.prepared_query import PreparedQuery, any_named
from chassis.store.schema import events
from chassis.store.unit_of_work import UnitOfWork
from duties.campaign import Campaign
from duties.days import iso, local_day, microseconds
from services.participation.domain.cells import is_id
from services.participation.domain.rows import CellsRow, UnitRow, cells_of
from services.participation.imports.accepted_rows import AcceptedRows
from services.participation.imports.lookalikes import folded, variants
from services.participation.imports.values import KnownUnit, KnownValues, named_ids
from services.participation.registry.names import names_of_people
from services.participation.registry.projections import units

_STREAMS = PreparedQuery(
    lambda pg: sa.select(events.c.stream).where(any_named(events.c.stream, "names", pg), events.c.version == 1)
)
_UNITS = PreparedQuery(
    lambda _: sa.select(units.c.unit_id, units.c.name, units.c.opened_on, units.c.closed_on).where(units.c.voided == 0)
)
_DOTTED = frozenset(".\u00b7\uff0e ")


def load_known(
    unit_of_work: UnitOfWork,
    table: str,
    rows: Sequence[CellsRow],
    rules: Campaign | None,
    accepted: AcceptedRows | None = None,
) -> KnownValues:  # fmt: skip
    """What is known of everything that these rows of one table (`people`) refer to.  `accepted`: by a dry run so
    far."""
    cells = [cells_of(row) for row in rows]
    known_units = list(_known_units(unit_of_work, rows, accepted))
    day = unit_of_work.now[:10] if rules is None else iso(local_day(microseconds(moment(unit_of_work.now)), rules.zone))
    named = {(space, text) for row in cells for _, space, text in named_ids(table, row) if is_id(text)}
    ids = _alike(unit_of_work, named, known_units, accepted)
    return KnownValues(rules, day, known_units, ids, _names(unit_of_work, cells) if table == "people" else {})


def _known_units(
    unit_of_work: UnitOfWork, rows: Sequence[CellsRow], accepted: AcceptedRows | None
) -> Iterator[KnownUnit]:
    """Those of the registry, those accepted by a dry run, and those in these rows."""
    yield from (KnownUnit(*row) for row in unit_of_work.query(_UNITS()))
    if accepted:
        yield from accepted.units()
    for row in (row for row in rows if isinstance(row, UnitRow)):
        yield KnownUnit(row.unit_id, row.name, row.opened_on, row.closed_on)


def _alike(
    unit_of_work: UnitOfWork,
    named: set[tuple[str, str]],
    known_units: Iterable[KnownUnit],
    accepted: AcceptedRows | None,
) -> dict[tuple[str, str], frozenset[str]]:
    """Known ids by space and folded form, for all that look like one in the rows."""
    wanted = {(space, variant) for space, text in named if space != "unit" for variant in variants(text)}
    streams = sorted(f"{space}-{text}" for space, text in wanted)
    alike = {tuple(row[0].split("-", 1)) for row in unit_of_work.query(_STREAMS(names=streams))} if streams else set()
    alike |= {("unit", unit.unit_id) for unit in known_units}
    if accepted:
        alike |= {tuple(stream.split("-", 1)) for stream in accepted.streams_among(streams)}
    result: dict[tuple[str, str], frozenset[str]] = {}
    for space, text in alike:
        key = (space, folded(text))
        result[key] = result.get(key, frozenset()) | {text}
    return result


def _names(unit_of_work: UnitOfWork, cells: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The names of persons whose given name contains a dot or blank that may be written differently."""
    asked = {row["person_id"] for row in cells if _DOTTED & set(row["name"]) and is_id(row["person_id"])}
    return names_of_people(unit_of_work.connection, sorted(asked)) if asked else {}
