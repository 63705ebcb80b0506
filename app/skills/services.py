"""What can be done with skills: offer, ask, say otherwise, pause, close."""

from datetime import datetime
from typing import Unpack

from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.accounts.models import Resident
from app.core import audit, outbox
from app.core.db import db, locked_one
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.text import Checks
from app.events.skills import SkillPosted
from app.finding.words import search_text
from app.geo import places
from app.geo import rules as geo
from app.hubs import queries as hubs
from app.hubs import services as hub_services
from app.hubs.models import Hub
from app.skills import fields, policy
from app.skills.fields import Fields
from app.skills.models import Skill, SkillCategory

MOST_OPEN = 40
"""Of each kind, so many does somebody keep open or paused at once."""


def offer(
    *,
    actor_id: int,
    now: datetime,
    for_id: int | None = None,
    counter_id: int | None = None,
    **said: Unpack[Fields],
) -> Skill:
    """Say what one can teach or help with. A volunteer at the counter of the hub `counter_id` writes it down for the
    resident `for_id`, who has no e-mail address; both names are kept."""
    return _post("offer", said, actor_id=actor_id, now=now, for_id=for_id, counter_id=counter_id)


def ask(
    *,
    actor_id: int,
    now: datetime,
    for_id: int | None = None,
    counter_id: int | None = None,
    **said: Unpack[Fields],
) -> Skill:
    """Say what one wants to learn or be helped with; at the counter as `offer`."""
    return _post("need", said, actor_id=actor_id, now=now, for_id=for_id, counter_id=counter_id)


def _post(
    kind: str, said: Fields, *, actor_id: int, now: datetime, for_id: int | None, counter_id: int | None
) -> Skill:
    owner = _for_whom(actor_id=actor_id, for_id=for_id, counter_id=counter_id)
    checks = Checks()
    read = fields.read({**fields.WHEN_NEW, **said}, checks)
    hub = _hub_named(said.get("hub"), checks)
    checks.done()
    if owner.email_confirmed_at is None and owner.verified_in_person_at is None:
        raise Conflict("skills.email_unconfirmed")
    kept = select(func.count()).where(
        Skill.resident_id == owner.id, Skill.kind == kind, Skill.state != "closed"
    )
    if (db.session.scalar(kept) or 0) >= MOST_OPEN:
        raise Conflict("skills.too_many", max=MOST_OPEN)
    skill = Skill(kind=kind, resident_id=owner.id, created_at=now, updated_at=now)
    if owner.id != actor_id:
        skill.registered_by_id = actor_id
    _write(skill, read, hub, owner)
    db.session.add(skill)
    db.session.flush()
    outbox.record(SkillPosted(skill.id, owner.id), now=now)
    _note_behalf("skills.posted", skill, actor_id=actor_id, counter_id=counter_id, now=now)
    return skill


def change(
    *, skill_id: int, actor_id: int, now: datetime, counter_id: int | None = None, **said: Unpack[Fields]
) -> Skill:
    """Say something else of a skill; what is not given stays."""
    checks = Checks()
    read = fields.read(said, checks)
    hub = _hub_named(said.get("hub"), checks)
    checks.done()
    skill = _to_change(skill_id, actor_id, counter_id)
    if skill.state == "closed":
        raise Conflict("skills.closed")
    _write(skill, read, hub if "hub" in said else skill.hub, skill.resident)
    skill.updated_at = now
    db.session.flush()
    _note_behalf("skills.changed", skill, actor_id=actor_id, counter_id=counter_id, now=now)
    return skill


def pause(*, skill_id: int, actor_id: int, now: datetime, counter_id: int | None = None) -> Skill:
    """Not now: nobody finds it until it is resumed."""
    return _turn(skill_id, "paused", actor_id=actor_id, counter_id=counter_id, now=now)


def resume(*, skill_id: int, actor_id: int, now: datetime, counter_id: int | None = None) -> Skill:
    """Found again: after a pause, or because closing it was a mistake."""
    return _turn(skill_id, "open", actor_id=actor_id, counter_id=counter_id, now=now)


def close(*, skill_id: int, actor_id: int, now: datetime, counter_id: int | None = None) -> Skill:
    """No more of it. What was agreed about it stands."""
    return _turn(skill_id, "closed", actor_id=actor_id, counter_id=counter_id, now=now)


def _turn(skill_id: int, state: str, *, actor_id: int, counter_id: int | None, now: datetime) -> Skill:
    skill = _to_change(skill_id, actor_id, counter_id)
    if skill.state != state:
        skill.state, skill.updated_at = state, now
        if state == "open":
            outbox.record(SkillPosted(skill.id, skill.resident_id), now=now)
        _note_behalf(f"skills.{state}", skill, actor_id=actor_id, counter_id=counter_id, now=now)
    return skill


# -- who --------------------------------------------------------------------------------------------------


def _for_whom(*, actor_id: int, for_id: int | None, counter_id: int | None) -> Resident:
    """Whose it is, held until the transaction ends: one's own, or at a counter somebody's without e-mail."""
    if for_id is not None and for_id != actor_id:
        _may_act_for(for_id, actor_id, counter_id)
    owner = locked_one(Resident, for_id or actor_id)
    if owner is None:
        raise NotFound("accounts.unknown")
    return owner


def _may_act_for(resident_id: int, actor_id: int, counter_id: int | None) -> None:
    if counter_id is None:
        raise Forbidden("skills.only_hers")
    hub_services.require_role("volunteer", actor_id=actor_id, hub_id=counter_id)
    resident = accounts.resident(resident_id)
    held = hubs.membership(resident_id, counter_id)
    reasons = policy.why_not_act_for(
        has_email=resident.email is not None, member_here=held is not None and held.status != "suspended"
    )
    if reasons:
        raise Forbidden(reasons[0])


def _to_change(skill_id: int, actor_id: int, counter_id: int | None) -> Skill:
    skill = locked_one(Skill, skill_id)
    if skill is None or (counter_id is None and not policy.sees(skill.state, skill.resident_id, actor_id)):
        raise NotFound("skills.unknown")
    if counter_id is not None and skill.resident_id != actor_id:
        _may_act_for(skill.resident_id, actor_id, counter_id)
    elif reasons := policy.why_not_change(skill.resident_id, actor_id):
        raise Forbidden(reasons[0])
    return skill


def _note_behalf(act: str, skill: Skill, *, actor_id: int, counter_id: int | None, now: datetime) -> None:
    if skill.resident_id != actor_id:
        audit.note(
            act,
            now=now,
            actor_id=actor_id,
            on_behalf_of_id=skill.resident_id,
            subject_kind="skill",
            subject_id=skill.id,
            hub_id=counter_id,
        )


# -- what and where ---------------------------------------------------------------------------------------


def _hub_named(name: str | None, checks: Checks) -> Hub | None:
    if not name:
        return None
    try:
        hub = hubs.hub(str(name)[:100])
    except NotFound:
        hub = None
    if hub is None or hub.status != "published":
        checks.fault("hub", "skills.hub_unknown")
    return hub


def _write(skill: Skill, read: dict[str, object], hub: Hub | None, owner: Resident) -> None:
    fields.write(skill, read)
    _place(skill, hub if skill.at_hub else None, owner)
    if "title" in read or "category" in read:
        skill.search_text = search_text(skill.title, *_category_names(skill.category_id))


def _place(skill: Skill, hub: Hub | None, owner: Resident) -> None:
    """Publish where it is: a hub's own point where it is there and at no home, else no finer than a cell around her
    home."""
    if hub is not None:
        held = hubs.membership(owner.id, hub.id)
        if held is not None and held.status == "suspended":
            raise Forbidden("skills.suspended_there")
    at_hub = hub is not None and not skill.at_home
    lat, lon = (hub.lat, hub.lon) if hub and at_hub else (owner.home_lat, owner.home_lon)
    if lat is None or lon is None:
        raise Invalid({"hub": "skills.no_home"})
    near = geo.Place(lat, lon) if at_hub else geo.cell(lat, lon, geo.PUBLISHED_M)
    far = near if at_hub else places.coarse(near.lat, near.lon)  # a hub's door is no secret
    skill.hub_id = hub.id if hub else None
    skill.lat, skill.lon, skill.precision_m = near.lat, near.lon, near.precision_m
    skill.coarse_lat, skill.coarse_lon = far.lat, far.lon


def _category_names(category_id: int) -> list[str]:
    """Both names of a branch, and of that it grows from."""
    names: list[str] = []
    branch = db.session.get(SkillCategory, category_id)
    while branch is not None and len(names) < 8:
        names += [branch.name_fr, branch.name_en]
        branch = db.session.get(SkillCategory, branch.parent_id) if branch.parent_id else None
    return names


def move_home(*, resident_id: int, now: datetime) -> None:
    """Somebody lives elsewhere now: what is placed by her home is published there."""
    owner = accounts.resident(resident_id)
    if owner.home_lat is None:
        return
    for skill in db.session.scalars(select(Skill).where(Skill.resident_id == resident_id)):
        if skill.at_home or skill.hub_id is None:
            _place(skill, skill.hub, owner)
            skill.updated_at = now
