"""Events of participation on rosters (花名册): what was confirmed of each, and what their words mean."""

from chassis.events.definition import Event, event, meaning


@event("participation.roster_applied", label="花名册确认")
class RosterApplied(Event):
    """Lines of a roster's preview were confirmed and decided, in one transaction with what they changed."""

    roster_id: str = meaning("the roster")
    unit_id: str = meaning("the unit whose roster it is; empty: of the whole district")
    as_of: str = meaning("the day on which the file says who serves where, YYYY-MM-DD")
    sha256: str = meaning("SHA-256 of the file")
    file: str = meaning("the file's name")
    lines: tuple[tuple[str, ...], ...] = meaning(
        "[line, option, outcome, column, code] of each: the line is row-NUMBER of the file or missing-HASH; the "
        "outcome accepted, unchanged or refused, which has a column and a code"
    )

    @property
    def stream(self) -> str:
        return f"roster-{self.roster_id}"


@event("participation.roster_undone", label="花名册撤销")
class RosterUndone(Event):
    """The undo of a roster began: no more of it is applied; what it brought, ended and corrected is taken back, but for
    rows on which others built."""

    roster_id: str = meaning("the roster")
    reason: str = meaning("why it was undone")

    @property
    def stream(self) -> str:
        return f"roster-{self.roster_id}"


@event("participation.roster_answer_kept", label="花名册确认结果沿用")
class RosterAnswerKept(Event):
    """What was answered of a person's line stands for later rosters too: of several rows those that do not count are
    further posts (兼任); a first day that differs is known, and the registry's stays."""

    person_id: str = meaning("the person")
    roster_id: str = meaning("the roster")
    about: str = meaning("posts or since")
    values: tuple[tuple[str, ...], ...] = meaning(
        "posts: [unit_id, role] of each further post; since: [the file's day]"
    )

    @property
    def stream(self) -> str:
        return f"roster_answers-{self.person_id}"


@event("participation.roster_word_explained", label="花名册用语对照")
class RosterWordExplained(Event):
    """What a word in rosters means from now on: a unit that the personnel system names otherwise, or a role."""

    column: str = meaning("unit_id or role")
    word: str = meaning("the word, without blanks")
    value: str = meaning("the unit's id, or the role's code; empty: it has no meaning any more")

    @property
    def stream(self) -> str:
        return f"roster_word-{self.column}-{self.word}"
