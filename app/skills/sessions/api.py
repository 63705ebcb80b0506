"""Sessions, for programs."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import select

from app.accounts.models import Resident
from app.core import jsonapi
from app.core.db import db, one_of
from app.core.errors import Conflict
from app.core.i18n import _l
from app.core.paging import after, page_of
from app.hubs import queries as hub_queries
from app.hubs.services import require_looking_after
from app.messages import queries as message_queries
from app.messages.queries import Said
from app.skills import nearby
from app.skills.sessions import queries, rules, services
from app.skills.sessions.models import SessionLine, SkillSession

blueprint = Blueprint(
    "sessions_api",
    __name__,
    url_prefix="/api/v1",
    description="Sessions: one neighbour shows another how; both say how long it was, and the minutes move.",
)

Json = jsonapi.Json
ONE_OF = _l("Au choix : {choices}.")
STATES = (*rules.STATUSES, "held")


# -- what is sent -----------------------------------------------------------------------------------------


class TimesBody(jsonapi.Body):
    """One to three times, the one that is liked best first; RFC 3339 with offset."""

    start = fields.AwareDateTime(required=True)
    other_starts = fields.List(fields.AwareDateTime(), load_default=list)


class AskBody(TimesBody):
    """`place`: hub, home or online, as the skill allows; `hub` (id or slug) where the skill names none; `link`: where
    to meet online, which only the two see."""

    minutes = fields.Integer(required=True, strict=True)
    place = fields.String(required=True)
    hub = fields.String(load_default=None, allow_none=True)
    link = fields.String(load_default=None, allow_none=True)
    message = fields.String(load_default=None, allow_none=True)


class AcceptBody(jsonapi.Body):
    """Which of the times; without it, the first that is still to come."""

    start = fields.AwareDateTime(load_default=None, allow_none=True)


class SessionWhyBody(jsonapi.Body):
    """A word for the other one."""

    why = fields.String(load_default=None, allow_none=True)


class ConfirmBody(jsonapi.Body):
    """How long it was."""

    minutes = fields.Integer(required=True, strict=True)


class DisputeBody(SessionWhyBody):
    """How long it was instead; 0: it did not take place."""

    minutes = fields.Integer(load_default=None, allow_none=True, strict=True)


class SettleBody(jsonapi.Body):
    """The minutes that count, 0 for none, and why."""

    minutes = fields.Integer(required=True, strict=True)
    note = fields.String(required=True)


class LinkBody(jsonapi.Body):
    """Where to meet online."""

    link = fields.String(required=True)


class SessionMessageBody(jsonapi.Body):
    """Plain text, 2,000 characters at most."""

    text = fields.String(required=True)


class SessionsArguments(jsonapi.PageArguments):
    """Which of one's own sessions."""

    role = fields.String(
        load_default=None, validate=ma.validate.OneOf(("giver", "learner"), error=ONE_OF), allow_none=True
    )
    status = fields.String(
        load_default=None, validate=ma.validate.OneOf(STATES, error=ONE_OF), allow_none=True
    )


# -- what is answered -------------------------------------------------------------------------------------


class SkillReferenceSchema(ma.Schema):
    """A skill, small."""

    id = fields.String()
    title = fields.String()
    kind = fields.String()


class SessionLineSchema(ma.Schema):
    """One line of a session's history."""

    at = fields.DateTime()
    kind = fields.String()
    by = fields.Nested(jsonapi.ReferenceSchema, allow_none=True)
    minutes = fields.Integer(allow_none=True)
    why = fields.String(allow_none=True)


class SaidMinutesSchema(ma.Schema):
    """How long it was, as each has said; null where one has not yet."""

    giver = fields.Integer(allow_none=True)
    learner = fields.Integer(allow_none=True)


class SessionSchema(ma.Schema):
    """A session. `start` and `end` once a time is agreed; `times` wait for the answer of whoever `waits_for` names.
    `status` is `held` once its time has passed, until both have said how long it was. `closes_at`: when it ends by
    itself. `link` is for the two alone."""

    id = fields.String()
    skill = fields.Nested(SkillReferenceSchema)
    asker = fields.Nested(jsonapi.ReferenceSchema)
    giver = fields.Nested(jsonapi.ReferenceSchema)
    learner = fields.Nested(jsonapi.ReferenceSchema)
    place = fields.String()
    hub = fields.Nested(jsonapi.HubReferenceSchema, allow_none=True)
    link = fields.String(allow_none=True)
    minutes = fields.Integer()
    status = fields.String(validate=ma.validate.OneOf(STATES))
    start = fields.DateTime(allow_none=True)
    end = fields.DateTime(allow_none=True)
    times = fields.List(fields.DateTime())
    waits_for = fields.List(fields.Nested(jsonapi.ReferenceSchema))
    closes_at = fields.DateTime(allow_none=True)
    confirmed = fields.Nested(SaidMinutesSchema)
    moved_minutes = fields.Integer(allow_none=True)
    cancelled_late = fields.Boolean()
    history = fields.List(fields.Nested(SessionLineSchema))


class SessionMessageSchema(ma.Schema):
    """One message between the two."""

    id = fields.String()
    author = fields.Nested(jsonapi.ReferenceSchema)
    text = fields.String()
    at = fields.DateTime()


SessionPageSchema = jsonapi.page_schema(SessionSchema)

_HISTORY = (
    select(
        SessionLine.session_id,
        SessionLine.at,
        SessionLine.kind,
        SessionLine.actor_id,
        SessionLine.minutes,
        SessionLine.why,
        Resident.name,
    )
    .outerjoin(Resident, Resident.id == SessionLine.actor_id)
    .where(one_of(SessionLine.session_id, "session_ids"))
    .order_by(SessionLine.id)
)


def sessions_json(sessions: Collection[SkillSession], *, now: datetime) -> list[Json]:
    """Sessions as the API tells them to the current user; one more statement whatever their number."""
    lines: dict[int, list[Any]] = {session.id: [] for session in sessions}
    if lines:
        for line in db.session.execute(_HISTORY, {"session_ids": list(lines)}):
            lines[line.session_id].append(line)
    return [_session_json(session, lines[session.id], now=now) for session in sessions]


def _session_json(session: SkillSession, lines: list[Any], *, now: datetime) -> Json:
    standing = queries.standing_of(session)
    people = {session.giver_id: session.giver, session.learner_id: session.learner}
    return {
        "id": str(session.id),
        "skill": {"id": str(session.skill_id), "title": session.skill.title, "kind": session.skill.kind},
        "asker": jsonapi.reference(people[session.asker_id]),
        "giver": jsonapi.reference(session.giver),
        "learner": jsonapi.reference(session.learner),
        "place": session.place,
        "hub": jsonapi.hub_reference(session.hub),
        "link": session.link if current_user.id in people else None,
        "minutes": session.minutes,
        "status": rules.state(standing, now),
        "start": jsonapi.moment(session.starts_at),
        "end": jsonapi.moment(session.ends_at),
        "times": [jsonapi.moment(time) for time in standing.times],
        "waits_for": [jsonapi.reference(people[one]) for one in rules.waits_for(standing, now)],
        "closes_at": jsonapi.moment(session.closes_at),
        "confirmed": {"giver": session.giver_minutes, "learner": session.learner_minutes},
        "moved_minutes": session.moved_minutes,
        "cancelled_late": session.cancelled_late,
        "history": [
            {
                "at": jsonapi.moment(line.at),
                "kind": line.kind,
                "by": {"id": str(line.actor_id), "name": line.name or ""} if line.actor_id else None,
                "minutes": line.minutes,
                "why": line.why,
            }
            for line in lines
        ],
    }


def _told(session: SkillSession) -> Json:
    db.session.flush()
    return sessions_json([session], now=g.now)[0]


def _act(do: Callable[[], SkillSession], *, status: int = 200) -> Response:
    try:
        return jsonapi.act(lambda: _told(do()), status=status)
    except Conflict as refused:
        nearby.say_ways_back(refused, current_user.id, near=current_user.home)
        raise


# -- calls ------------------------------------------------------------------------------------------------


@blueprint.post("/skills/<int:skill_id>/sessions")
@blueprint.arguments(AskBody)
@blueprint.response(201, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def ask(body: Json, skill_id: int) -> Response:
    """Ask for a session. 409 `own_skill`, `not_open`, `suspended`, `overlaps`, `other_busy`; 422 for a time that has
    passed or lies outside the availability of either."""
    return _act(
        lambda: services.ask(
            skill_id=skill_id,
            actor_id=current_user.id,
            starts=[body["start"], *body["other_starts"]],
            minutes=body["minutes"],
            place=body["place"],
            hub=body["hub"],
            link=body["link"],
            message=body["message"],
            now=g.now,
        ),
        status=201,
    )


@blueprint.get("/sessions")
@blueprint.arguments(SessionsArguments, location="query")
@blueprint.response(200, SessionPageSchema)
def index(asked: Json) -> Response:
    """One's own sessions, newest first."""
    page = queries.sessions_page(
        current_user.id,
        role=asked["role"],
        status=asked["status"],
        now=g.now,
        cursor=asked["cursor"],
        limit=asked["limit"],
    )
    return jsonify({"items": sessions_json(page.lines, now=g.now), "next": page.next, "total": page.total})


@blueprint.get("/sessions/<int:session_id>")
@blueprint.response(200, SessionSchema)
def show(session_id: int) -> Response:
    """One session, for its two people, and for those who settle it once they did not agree; for others 404."""
    return jsonify(sessions_json([queries.session_for(session_id, current_user.id).session], now=g.now)[0])


@blueprint.post("/sessions/<int:session_id>/accept")
@blueprint.arguments(AcceptBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def accept(body: Json, session_id: int) -> Response:
    """Yes to one of the times; the minutes are promised from then on. 409 `limit_reached`, `giver_full`, `overlaps`,
    `other_answers`. Again: the same answer."""
    return _act(
        lambda: services.accept(
            session_id=session_id, actor_id=current_user.id, start=body["start"], now=g.now
        )
    )


@blueprint.post("/sessions/<int:session_id>/times")
@blueprint.arguments(TimesBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def propose(body: Json, session_id: int) -> Response:
    """Other times, of which the other one accepts one; what was agreed stands until then."""
    return _act(
        lambda: services.propose(
            session_id=session_id,
            actor_id=current_user.id,
            starts=[body["start"], *body["other_starts"]],
            now=g.now,
        )
    )


@blueprint.post("/sessions/<int:session_id>/decline")
@blueprint.arguments(SessionWhyBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def decline(body: Json, session_id: int) -> Response:
    """No to a request; or to other times, and what was agreed stands."""
    return _act(
        lambda: services.decline(session_id=session_id, actor_id=current_user.id, why=body["why"], now=g.now)
    )


@blueprint.post("/sessions/<int:session_id>/cancel")
@blueprint.arguments(SessionWhyBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def cancel(body: Json, session_id: int) -> Response:
    """Call it off before it begins; less than a day before, `cancelled_late` is true."""
    return _act(
        lambda: services.cancel(session_id=session_id, actor_id=current_user.id, why=body["why"], now=g.now)
    )


@blueprint.post("/sessions/<int:session_id>/confirm")
@blueprint.arguments(ConfirmBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def confirm(body: Json, session_id: int) -> Response:
    """It was so long. When both say the same, the minutes move; when they do not, the answer is `disputed`. 409
    `already_confirmed` for other minutes than before, `limit_reached` for more than was agreed and the account allows."""
    return _act(
        lambda: services.confirm(
            session_id=session_id, actor_id=current_user.id, minutes=body["minutes"], now=g.now
        )
    )


@blueprint.post("/sessions/<int:session_id>/agree")
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def agree(session_id: int) -> Response:
    """What the other one has said is right."""
    return _act(lambda: services.agree(session_id=session_id, actor_id=current_user.id, now=g.now))


@blueprint.post("/sessions/<int:session_id>/dispute")
@blueprint.arguments(DisputeBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def dispute(body: Json, session_id: int) -> Response:
    """That is not how it was. Nothing moves, and what was promised is free again."""
    return _act(
        lambda: services.dispute(
            session_id=session_id,
            actor_id=current_user.id,
            minutes=body["minutes"],
            why=body["why"],
            now=g.now,
        )
    )


@blueprint.post("/sessions/<int:session_id>/settle")
@blueprint.arguments(SettleBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def settle(body: Json, session_id: int) -> Response:
    """A coordinator of the hub that hears it, or a steward, decides how many minutes count, or none."""
    return _act(
        lambda: services.settle(
            session_id=session_id,
            actor_id=current_user.id,
            minutes=body["minutes"],
            note=body["note"],
            now=g.now,
        )
    )


@blueprint.post("/sessions/<int:session_id>/link")
@blueprint.arguments(LinkBody)
@blueprint.response(200, SessionSchema)
@blueprint.alt_response(409, schema=jsonapi.ProblemSchema)
def set_link(body: Json, session_id: int) -> Response:
    """Say where to meet online."""
    return _act(
        lambda: services.set_link(
            session_id=session_id, actor_id=current_user.id, link=body["link"], now=g.now
        )
    )


@blueprint.get("/hubs/<hub>/disputes")
@blueprint.response(200, SessionPageSchema)
def disputes(hub: str) -> Response:
    """What two neighbours do not agree on and this hub hears, for its coordinators and stewards; a hundred at most."""
    found = hub_queries.hub(hub)
    require_looking_after(actor_id=current_user.id, hub_id=found.id)
    lines = sessions_json(queries.to_settle(found.id), now=g.now)
    return jsonify({"items": lines, "next": None, "total": len(lines)})


# -- messages ---------------------------------------------------------------------------------------------


@blueprint.get("/sessions/<int:session_id>/messages")
@blueprint.arguments(jsonapi.PageArguments, location="query")
@blueprint.response(200, jsonapi.page_schema(SessionMessageSchema))
def messages(asked: Json, session_id: int) -> Response:
    """What the two said, oldest first."""
    session = queries.own_session(session_id, current_user.id).session
    start = after("messages", asked["cursor"], length=1)
    said = message_queries.said_about(
        "session", session.id, after_id=start[0] if start else 0, limit=asked["limit"] + 1
    )
    page = page_of("messages", said, limit=asked["limit"], key=lambda one: (one.id,))
    return jsonify(jsonapi.page_json(page, _message_json))


def _message_json(said: Said) -> Json:
    return {
        "id": str(said.id),
        "author": {"id": str(said.author_id), "name": said.author},
        "text": said.text,
        "at": jsonapi.moment(said.at),
    }


@blueprint.post("/sessions/<int:session_id>/messages")
@blueprint.arguments(SessionMessageBody)
@blueprint.response(201, SessionMessageSchema)
def post_message(body: Json, session_id: int) -> Response:
    """Say something to the other one."""

    def do() -> Json:
        message = services.post_message(
            session_id=session_id, actor_id=current_user.id, text=body["text"], now=g.now
        )
        return {
            "id": str(message.id),
            "author": {"id": str(current_user.id), "name": current_user.name},
            "text": message.text,
            "at": jsonapi.moment(message.at),
        }

    return jsonapi.act(do, status=201)
