"""The page of the campaign (活动方案): what of its calendar and names is to be looked at, for the office and the
bureau's leaders."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import signed_in
from console.users import User

blueprint = Blueprint("campaign", __name__)


@blueprint.get("/campaign")
@signed_in("see_campaign")
def campaign(user: User) -> ResponseReturnValue:
    response = components().services.get_json(user, "participation", "/api/campaign/warnings")
    return render_template("campaign.html", response=response, warnings=response.body.get("warnings") or [])
