"""Routes of digests: preview of a day, inboxes of recipients, the supervisor of a unit."""

from typing import Any

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.store.database import Store
from services.notifications.delivery.campaign_clock import CampaignClock
from services.notifications.delivery.day_parameter import requested_day
from services.notifications.digests import schemas
from services.notifications.digests.domain.kept_digests import PreviewFilter
from services.notifications.digests.names import NameLookup
from services.notifications.digests.preview import DigestPreview
from services.notifications.digests.recipient_inbox import inbox_subject, list_inboxes, may_see_names, recipient_inbox
from services.notifications.obligations.queries import supervisor_of_unit
from services.notifications.rules.escalation import is_recipient
from services.registry import rights


class DigestRoutes:
    """Routes of digests."""

    store: Store
    clock: Clock
    names: NameLookup
    campaign_clock: CampaignClock
    digest_preview: DigestPreview

    @route("GET", "/api/units/<unit_id>/line", right=rights.RUN_REMINDERS, response=schemas.Supervisor)
    def supervisor(self, _: RouteRequest, unit_id: str) -> Any:
        """The unit that a unit's reminders escalate to; empty: the campaign office."""
        now = self.campaign_clock.now()
        day = now.day if now else self.clock().date().toordinal()
        with self.store.reading() as connection:
            supervisor = supervisor_of_unit(connection, unit_id, day)
        if supervisor is None:
            raise Problem(404, "unknown_unit", f"没有编号为 {unit_id} 的单位。")
        return {"unit_id": unit_id, "supervisor_id": supervisor}

    @route("GET", "/api/preview", right=rights.RUN_REMINDERS, query=schemas.PreviewQuery, response=schemas.Preview,
           problems=(409, 422))  # fmt: skip
    def preview(self, request: RouteRequest) -> Any:
        """Who would be reminded of what on a day, and why; nothing is written."""
        now, day = requested_day(self.campaign_clock, request.query["day"])
        asked = request.query
        names = ("recipient", "level", "unit_id", "stage", "after")
        wanted = PreviewFilter(**{name: asked[name] for name in names})
        return self.digest_preview.preview(now.campaign, day, wanted, asked["limit"])

    @route("GET", "/api/inboxes", right=rights.SEE_ANY_INBOX, query=schemas.InboxesQuery, response=schemas.Inboxes)
    def list_inboxes(self, request: RouteRequest) -> Any:
        """The recipients that have messages."""
        with self.store.reading() as connection:
            return {"inboxes": list_inboxes(connection, request.query["limit"])}

    @route(
        "GET",
        "/api/inboxes/<recipient>",
        right=rights.INBOX,
        query=schemas.InboxQuery,
        response=schemas.Inbox,
        problems=(403,),
    )
    def recipient_inbox(self, request: RouteRequest, recipient: str) -> Any:
        """The messages of a recipient: a person's for that person, a unit's for the unit's members; persons are unnamed
        for others."""
        if not is_recipient(recipient):
            raise Problem(404, "unknown_recipient", "没有这个收件人。")
        named = may_see_names(request.actor, recipient)
        rights.require(request.actor, rights.INBOX, inbox_subject(recipient))
        now = self.campaign_clock.now()
        with self.store.reading() as connection:
            return recipient_inbox(connection, self.names, now.campaign if now else None, recipient,
                                   named, request.query["limit"])  # fmt: skip
