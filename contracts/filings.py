"""Events of a filing: what somebody fills in at a form, from its draft until it counts; a stream of its own.

When it counts, the records that it stands for are events of theirs (`participation.record_submitted`), which bear ids
made of the filing's.  Days are `YYYY-MM-DD`; text that was not given is empty.
"""

from chassis.events.definition import Event, event, meaning, personal


class _OfFiling(Event):
    filing_id: str

    @property
    def stream(self) -> str:
        return f"filing-{self.filing_id}"


@event("participation.filing_drafted", label="保存草稿")
class FilingDrafted(_OfFiling):
    """A draft was begun or changed; the event bears it whole.  `digest` is keyed where one person is named."""

    filing_id: str = meaning("the filing")
    entry_id: str = meaning("the entry that it was made with: filings of one form bear the same")
    kind: str = meaning("the kind of deed, as the campaign names it")
    unit_id: str = meaning("the unit whose filing it is")
    person_id: str = meaning("the one person whose deed it is; empty: a unit's, or several persons'")
    people: tuple[str, ...] = meaning("whose deeds it is, where they are several (attendance)")
    occurred_at: str = meaning("when it was done, as the form says it")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    evidence: tuple[str, ...] = meaning("SHA-256 of the files")
    refers_to: str = meaning("the filing that it names, as a study session its new material; empty: none")
    on_behalf: bool = meaning("entered by another than whose it is to file (代填)")
    digest: str = meaning("of the content, by which a repetition is known; keyed where it is one person's")
    title: str = personal("person_id", "title")
    content_sha256: str = personal("person_id", "SHA-256 of the work, where its file or text is not handed in")
    fields: str = personal("person_id", "the form's other fields as JSON, those that are private left out")
    private: str = personal("person_id", "the private fields as JSON: nobody but the person reads them")


@event("participation.filing_submitted", label="提交填报")
class FilingSubmitted(_OfFiling):
    """A draft was handed in.  It counts at once, or when whom it awaits has confirmed it."""

    filing_id: str = meaning("the filing")
    awaits: str = meaning("`head`, or `owner` of what was entered on behalf; empty: it counts")
    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")


@event("participation.filing_returned", label="退回修改")
class FilingReturned(_OfFiling):
    """Whom it awaited gave it back to be changed, or who collects it, though it counted."""

    filing_id: str = meaning("the filing")
    person_id: str = meaning("the one person whose deed it is; empty: a unit's, or several persons'")
    reason: str = personal("person_id", "why")
    counted: bool = meaning("it counted until then, and does no more", default=False)
    unit_id: str = meaning("whose filing it is", default="")


@event("participation.filing_confirmed", label="确认填报")
class FilingConfirmed(_OfFiling):
    """Whom it awaited confirmed it: from now on it counts."""

    filing_id: str = meaning("the filing")
    campaign: str = meaning("id of the campaign")
    campaign_version: int = meaning("version of the rules that decided")


@event("participation.filing_corrected", label="更正填报")
class FilingCorrected(_OfFiling):
    """What counted already was changed; the event bears it whole, with the reason."""

    filing_id: str = meaning("the filing")
    person_id: str = meaning("the one person whose deed it is; empty: a unit's, or several persons'")
    people: tuple[str, ...] = meaning("whose deeds it is, where they are several (attendance)")
    occurred_at: str = meaning("when it was done, as the form says it")
    period: str = meaning("`2022-11`, `2022-Q4`, a semester's id, `2022` or `once`; empty: by its day")
    evidence: tuple[str, ...] = meaning("SHA-256 of the files")
    refers_to: str = meaning("the filing that it names, as a study session its new material; empty: none")
    digest: str = meaning("of the content, by which a repetition is known; keyed where it is one person's")
    reason: str = personal("person_id", "why")
    title: str = personal("person_id", "title")
    content_sha256: str = personal("person_id", "SHA-256 of the work, where its file or text is not handed in")
    fields: str = personal("person_id", "the form's other fields as JSON, those that are private left out")
    private: str = personal("person_id", "the private fields as JSON: nobody but the person reads them")


@event("participation.filing_withdrawn", label="撤回填报")
class FilingWithdrawn(_OfFiling):
    """It was taken back: a draft is dropped, what counted counts no more."""

    filing_id: str = meaning("the filing")
    person_id: str = meaning("the one person whose deed it is; empty: a unit's, or several persons'")
    reason: str = personal("person_id", "why")
