"""What the pages of group purchases share: the blueprint, and who is reading."""

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from app.purchases import policy
from app.purchases.models import Campaign
from app.purchases.services.ground import organizers_of

blueprint = Blueprint("purchases", __name__)

Answer = str | Response | tuple[str, int]


def actor_at(hub_id: int) -> policy.Actor:
    """The reader, with the roles that she holds at this hub."""
    mine = next((one for one in current_user.hubs if one.id == hub_id), None)
    return policy.Actor(current_user.id, mine.roles if mine else ())


def looks_after(campaign: Campaign) -> bool:
    """Whether the reader is one of those who look after this campaign."""
    return not policy.why_not_look_after(actor_at(campaign.hub_id), organizers=organizers_of(campaign))
