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


@event("participation.roster_posts_settled", label="花名册兼任确认")
class RosterPostsSettled(Event):
    """Of several rows that a roster has of one person, which counts was confirmed; from now on the others are further
    posts of that person (兼任), which rosters may go on listing."""

    person_id: str = meaning("the person")
    roster_id: str = meaning("the roster")
    further: tuple[tuple[str, ...], ...] = meaning("[unit_id, role] of each row that does not count")

    @property
    def stream(self) -> str:
        return f"roster_posts-{self.person_id}"


@event("participation.roster_word_explained", label="花名册用语对照")
class RosterWordExplained(Event):
    """What a word in rosters means from now on: a unit that the personnel system names otherwise, or a role."""

    column: str = meaning("unit_id or role")
    word: str = meaning("the word, without blanks")
    value: str = meaning("the unit's id, or the role's code; empty: it has no meaning any more")

    @property
    def stream(self) -> str:
        return f"roster_word-{self.column}-{self.word}"
