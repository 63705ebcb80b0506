"""Skills, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, g, jsonify
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.core import jsonapi
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import current_locale
from app.core.text import whole
from app.finding.parameters import LONGEST_Q
from app.finding.search import SORTS
from app.skills import forms, queries, services, shown
from app.skills.fields import KINDS, LANGUAGES, LEVELS, MODES
from app.skills.models import Skill
from app.skills.queries import Line

blueprint = Blueprint(
    "skills_api",
    __name__,
    url_prefix="/api/v1",
    description="Skills: what neighbours teach and want to learn; rings of two or three.",
)

Json = jsonapi.Json


class SkillsArguments(jsonapi.PageArguments):
    """What is looked for; every one of them may be left out."""

    kind = fields.String(metadata={"enum": list(KINDS)})
    q = fields.String(
        metadata={"description": "Words of the title, as for `/items`.", "maxLength": LONGEST_Q}
    )
    category = fields.String(metadata={"description": "The slug of a category; those below it count too."})
    mode = fields.String(metadata={"enum": list(MODES), "description": "Where it may take place."})
    level = fields.String(metadata={"enum": list(LEVELS)})
    language = fields.String(metadata={"enum": list(LANGUAGES)})
    near = fields.String(metadata={"description": "`lat,lon`, or `home`."})
    radius_km = fields.String(metadata={"description": "With `near`: no farther than this."})
    hub = fields.String(metadata={"description": "The id or slug of the hub where it takes place."})
    sort = fields.String(
        metadata={
            "enum": list(SORTS),
            "description": "Left out: `relevance` with `q`, else `near` with `near`, else `new`.",
        }
    )


class SkillCategorySchema(ma.Schema):
    """A branch of the tree of skills."""

    slug = fields.String()
    name = fields.String()


class SkillSchema(ma.Schema):
    """A skill in a list. The place is the published one, `precision_m` wide."""

    id = fields.String()
    kind = fields.String(metadata={"enum": list(KINDS)})
    title = fields.String()
    category = fields.Nested(SkillCategorySchema)
    level = fields.String(metadata={"enum": list(LEVELS)})
    mode = fields.List(fields.String(metadata={"enum": list(MODES)}))
    languages = fields.List(fields.String())
    hub = fields.Nested(jsonapi.HubReferenceSchema, allow_none=True)
    resident = fields.Nested(jsonapi.ReferenceSchema)
    state = fields.String(metadata={"enum": ["open", "paused", "closed"]})
    distance_m = fields.Integer(allow_none=True)
    lat = fields.Float()
    lon = fields.Float()
    precision_m = fields.Integer()
    trust = fields.Raw(allow_none=True)


class FoundSkillsPageSchema(jsonapi.page_schema(SkillSchema)):  # type: ignore[misc]  # made there
    """A page of a search."""

    meant = fields.String(
        allow_none=True,
        metadata={
            "description": "`q` with the words that were looked for instead of misspelt ones, or null."
        },
    )


class WindowSchema(jsonapi.Body):
    """A time of the week: weekday 0 is Monday, times on the clock of the hub ("24:00" ends a day)."""

    weekday = fields.Integer(required=True, strict=True)
    opens = fields.String(required=True)
    closes = fields.String(required=True)


class WholeSkillSchema(SkillSchema):
    """A skill whole; no availability means any time."""

    description = fields.String()
    availability = fields.List(fields.Nested(WindowSchema))
    created_at = fields.DateTime()


class SkillBody(jsonapi.Body):
    """What can be said of a skill."""

    title = fields.String()
    description = fields.String(allow_none=True)
    category = fields.String()
    level = fields.String()
    mode = fields.List(fields.String())
    hub = fields.String(allow_none=True)
    languages = fields.List(fields.String())
    availability = fields.List(fields.Nested(WindowSchema))


class NewSkillBody(SkillBody):
    """An offer or a need."""

    kind = fields.String(required=True, validate=ma.validate.OneOf(KINDS))


@blueprint.get("/skills", endpoint="search")
@blueprint.arguments(SkillsArguments, location="query")
@blueprint.response(200, FoundSkillsPageSchema)
def index(asked: Json) -> Response:
    """What neighbours teach and want to learn. Also without a token, more coarsely placed."""
    known = current_user.is_authenticated
    wanted = forms.wanted(asked, home=current_user.home, known=known)
    page = queries.page(wanted, signed_in=known, cursor=asked["cursor"], limit=asked["limit"], now=g.now)
    return jsonify({**jsonapi.page_json(page, line_json), "meant": page.meant or None})


@blueprint.post("/skills")
@blueprint.arguments(NewSkillBody)
@blueprint.response(201, WholeSkillSchema)
def post(body: Json) -> Response:
    """Say what you can teach (`offer`) or want to learn (`need`)."""

    def do() -> Json:
        said = dict(body)
        say = services.offer if said.pop("kind") == "offer" else services.ask
        return _whole(say(actor_id=current_user.id, now=g.now, **said))

    return jsonapi.act(do, status=201)


@blueprint.get("/skills/<skill_id>")
@blueprint.response(200, WholeSkillSchema)
def show(skill_id: str) -> Response:
    """One of them."""
    return jsonify(_whole(queries.visible(number(skill_id), current_user.id)))


@blueprint.patch("/skills/<skill_id>")
@blueprint.arguments(SkillBody)
@blueprint.response(200, WholeSkillSchema)
def change(body: Json, skill_id: str) -> Response:
    """Say something else of it; what is not given stays."""

    def do() -> Json:
        return _whole(services.change(skill_id=number(skill_id), actor_id=current_user.id, now=g.now, **body))

    return jsonapi.act(do)


@blueprint.delete("/skills/<skill_id>")
@blueprint.response(204)
def remove(skill_id: str) -> Response:
    """No more of it. What was agreed about it stands."""

    def do() -> tuple[Json, int]:
        services.close(skill_id=number(skill_id), actor_id=current_user.id, now=g.now)
        return {}, 204

    return jsonapi.act(do)


@blueprint.post("/skills/<skill_id>/pause")
@blueprint.response(200, WholeSkillSchema)
def pause(skill_id: str) -> Response:
    """Not now: nobody finds it until it is resumed."""
    return jsonapi.act(
        lambda: _whole(services.pause(skill_id=number(skill_id), actor_id=current_user.id, now=g.now))
    )


@blueprint.post("/skills/<skill_id>/resume")
@blueprint.response(200, WholeSkillSchema)
def resume(skill_id: str) -> Response:
    """Found again: after a pause, or because closing it was a mistake."""
    return jsonapi.act(
        lambda: _whole(services.resume(skill_id=number(skill_id), actor_id=current_user.id, now=g.now))
    )


def number(skill_id: str) -> int:
    """The number behind an opaque id; unknown for anything else."""
    found = whole(skill_id)
    if found is None:
        raise NotFound("skills.unknown")
    return found


# -- in JSON ----------------------------------------------------------------------------------------------


def line_json(line: Line) -> Json:
    """A skill as lists tell it."""
    return {
        "id": str(line.id),
        "kind": line.kind,
        "title": line.title,
        "category": {"slug": line.branch.slug, "name": line.branch.name(current_locale())},
        "level": line.level,
        "mode": list(line.modes),
        "languages": list(line.languages),
        "hub": jsonapi.hub_reference(line.hub),
        "resident": jsonapi.reference(line.resident),
        "state": line.state,
        "distance_m": line.metres,
        "lat": line.lat,
        "lon": line.lon,
        "precision_m": line.precision_m,
        "trust": None,
    }


def _whole(skill: Skill) -> Json:
    db.session.flush()
    line = queries.line(skill, signed_in=current_user.is_authenticated)
    return {
        **line_json(line),
        "description": skill.note,
        "availability": [_window(one) for one in skill.availability],
        "created_at": jsonapi.moment(skill.created_at),
    }


def _window(one: Any) -> Json:
    return {"weekday": one.weekday, "opens": shown.clock(one.opens), "closes": shown.clock(one.closes)}
