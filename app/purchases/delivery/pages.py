"""What the pages of delivery share: who may see them, and that nothing of them is kept by browsers."""

from typing import Any

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core.errors import NotFound
from app.core.text import whole
from app.purchases import policy
from app.purchases.delivery import queries
from app.purchases.delivery.services.ground import refuse
from app.purchases.models import Campaign

blueprint = Blueprint("delivery", __name__)

Answer = str | Response | tuple[str, int]


@blueprint.after_request
def keep_no_lists(response: Any) -> Any:
    """Who takes what, and owes what, is not brought back by the browser's arrow."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def actor_at(hub_id: int) -> policy.Actor:
    """The reader, with the roles that she holds at this hub."""
    mine = next((one for one in current_user.hubs if one.id == hub_id), None)
    return policy.Actor(current_user.id, mine.roles if mine else ())


def organizers_of(campaign: Campaign) -> set[int]:
    """Who looks after it, by number."""
    return {campaign.organizer_id, *(one.resident_id for one in campaign.organizers)}


def looked_after(campaign_id: int) -> Campaign:
    """The campaign, for those who look after it."""
    found = queries.campaign(campaign_id)
    refuse(policy.why_not_look_after(actor_at(found.hub_id), organizers=organizers_of(found)))
    return found


def handed_out(campaign_id: int) -> Campaign:
    """The campaign, also for those who hold the hub's counter."""
    found = queries.campaign(campaign_id)
    refuse(policy.why_not_hand_out(actor_at(found.hub_id), organizers=organizers_of(found)))
    return found


def may_look_after(campaign: Campaign) -> bool:
    """Whether the reader looks after it herself."""
    return not policy.why_not_look_after(actor_at(campaign.hub_id), organizers=organizers_of(campaign))


def number(name: str) -> int:
    """A row's number in the form; one that cannot be is not found."""
    found = whole(request.form.get(name, ""))
    if found is None:
        raise NotFound
    return found
