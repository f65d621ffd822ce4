"""Routes by which a person, or the holder of a unit's post, registers their own mail address for reminders."""

import hashlib
from dataclasses import replace
from typing import Any

import marshmallow
from marshmallow import fields, validate

from chassis.http.request import RouteRequest
from chassis.http.routes import route
from chassis.http.schemas import Positions
from chassis.process.clock import Clock
from chassis.process.problems import Problem
from chassis.process.settings import Settings
from chassis.process.tokens import Signer
from chassis.store.database import Store
from chassis.store.unit_of_work import UnitOfWork, UnitsOfWork
from services.notifications.channels.configured_channels import open_channels
from services.notifications.contacts.domain import Contact, contact_error
from services.notifications.contacts.handlers import ERROR_MESSAGES, remove_contact, replace_contact
from services.notifications.contacts.own_address import (
    CodesSent,
    make_proof,
    new_code,
    proved_address,
    send_code,
)
from services.notifications.contacts.queries import contacts_of
from services.notifications.preferences.routes import require_own
from services.registry import rights

_OFF = Problem(409, "channel_off", "本区还没有启用邮件提醒，请联系运维。")
_OFTEN = Problem(429, "too_often", "验证码发送得太频繁，请一小时后再试。")
_WRONG = Problem(422, "wrong_code", "验证码不对，或已超过 30 分钟，请核对或重新发送。", column="code")


class AskedAddress(marshmallow.Schema):
    """The address to send a code to."""

    email = fields.String(required=True, validate=validate.Length(1, 254))


class SentCode(marshmallow.Schema):
    """The proof, to be returned together with the code."""

    proof = fields.String(required=True)


class ProvedAddress(marshmallow.Schema):
    """The code from the mail, and the proof from the answer to the first request."""

    code = fields.String(required=True, validate=validate.Length(1, 40))
    proof = fields.String(required=True, validate=validate.Length(1, 2000))


class AddressOutcome(Positions):
    """Whether anything was changed."""

    outcome = fields.String(required=True, validate=validate.OneOf(("registered", "removed", "unchanged")))


class OwnAddressRoutes:
    """Routes of one's own mail address."""

    store: Store
    units_of_work: UnitsOfWork
    clock: Clock
    settings: Settings
    signer: Signer
    codes_sent: CodesSent

    @route("POST", "/api/own-addresses/<recipient>/code", right=rights.SET_REMINDERS, body=AskedAddress,
           response=SentCode, problems=(403, 404, 409, 422, 429, 502))  # fmt: skip
    def send_address_code(self, request: RouteRequest, recipient: str) -> Any:
        """Send a code to a mail address that the recipient wants to register."""
        require_own(self.store, request, recipient)
        contact = Contact(recipient, email=request.json["email"].strip())
        if error := contact_error(contact):
            raise Problem(422, error.code, ERROR_MESSAGES[error.code], column="email")
        channel = open_channels(self.settings).get("email")
        if channel is None:
            raise _OFF
        now = self.clock()
        if not self.codes_sent.may(recipient, now):
            raise _OFTEN
        code = new_code()
        outcome = send_code(channel, now, contact, code)
        if outcome.result == "never":
            raise Problem(422, "mail_refused", "邮件服务器不接受这个邮箱地址，请核对。", column="email")
        if outcome.result not in ("succeeded", "unknown"):
            raise Problem(502, "mail_failed", "邮件没有发出去，请稍后再试。")
        return {"proof": make_proof(self._secret(), recipient, contact.email, code, now)}

    @route("POST", "/api/own-addresses/<recipient>", right=rights.SET_REMINDERS, body=ProvedAddress,
           response=AddressOutcome, problems=(403, 404, 422))  # fmt: skip
    def register_own_address(self, request: RouteRequest, recipient: str) -> Any:
        """Register the address that the code was sent to; the recipient's other addresses stay."""
        actor = require_own(self.store, request, recipient)
        email = proved_address(self._secret(), request.json["proof"], recipient, request.json["code"], self.clock())
        if not email:
            raise _WRONG
        with self.units_of_work.begin(actor, request.correlation) as work:
            known = self._registered_contact(work, recipient)
            changed = known.email != email
            if changed:
                replace_contact(work, replace(known, email=email))
        return {"outcome": "registered" if changed else "unchanged", "positions": work.positions}

    @route("POST", "/api/own-addresses/<recipient>/remove", right=rights.SET_REMINDERS, response=AddressOutcome,
           problems=(403, 404))  # fmt: skip
    def remove_own_address(self, request: RouteRequest, recipient: str) -> Any:
        """Remove the recipient's mail address; their other addresses stay."""
        actor = require_own(self.store, request, recipient)
        with self.units_of_work.begin(actor, request.correlation) as work:
            known = self._registered_contact(work, recipient)
            if known.robot or known.dingtalk:
                replace_contact(work, replace(known, email=""))
            elif known.email:
                remove_contact(work, recipient)
            work.after_commit(work.store.scrub)
        return {"outcome": "removed" if known.email else "unchanged", "positions": work.positions}

    def _registered_contact(self, work: UnitOfWork, recipient: str) -> Contact:
        return contacts_of(work.connection, work.store, [recipient]).get(recipient, Contact(recipient))

    def _secret(self) -> bytes:
        """The service's secret, shared by its replicas."""
        return hashlib.sha256(self.signer.sign(b"own mail addresses")).digest()
