"""What can be done at hubs."""

from app.core.errors import Forbidden
from app.hubs import policy, queries
from app.hubs.models import Membership


def require_role(role: policy.Role, *, actor_id: int, hub_id: int) -> Membership:
    """The actor's membership at this hub, if she holds this role there; else `Forbidden` with the reason."""
    held = queries.membership(actor_id, hub_id)
    reasons = policy.why_not_act_as(role, held.roles if held else ())
    if reasons or held is None:
        raise Forbidden(reasons[0])
    return held
