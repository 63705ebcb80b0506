"""People, for programs."""

from typing import Any

import marshmallow as ma
from flask import Response, current_app, g, jsonify, request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields

from app.accounts import queries, services
from app.accounts.models import Resident
from app.core import clock, jsonapi
from app.core.db import transaction
from app.core.errors import Invalid, NotFound, Unauthenticated
from app.core.i18n import LOCALES, _l, current_locale
from app.core.ratelimit import address, limiter
from app.core.tokens import fingerprint
from app.geo.rules import HOME_M

blueprint = Blueprint(
    "accounts_api", __name__, url_prefix="/api/v1", description="People: signing up, logging in, oneself."
)

Json = jsonapi.Json
KNOWN_LOCALE = ma.validate.OneOf(LOCALES, error=_l("Au choix : {choices}."))
LATITUDE = ma.validate.Range(min=-90, max=90, error=_l("Entre −90 et 90 degrés."))
LONGITUDE = ma.validate.Range(min=-180, max=180, error=_l("Entre −180 et 180 degrés."))


class SignUpBody(jsonapi.Body):
    """A new account. Signing up declares that the person is 15 or older."""

    email = fields.String(required=True)
    password = fields.String(required=True)
    name = fields.String(required=True)
    locale = fields.String(load_default=None, allow_none=True, validate=KNOWN_LOCALE)
    lat = fields.Float(load_default=None, allow_none=True, validate=LATITUDE)
    lon = fields.Float(load_default=None, allow_none=True, validate=LONGITUDE)


class LogInBody(jsonapi.Body):
    """What opens an account, and a name for the key that is made. `days` it holds: 90 unless told."""

    email = fields.String(required=True)
    password = fields.String(required=True)
    name = fields.String(load_default=None, allow_none=True)
    days = fields.Integer(load_default=None, allow_none=True)


class HomeSchema(jsonapi.Body):
    """The centre of a cell about 200 m wide; `precision_m` says how wide."""

    lat = fields.Float(required=True, validate=LATITUDE)
    lon = fields.Float(required=True, validate=LONGITUDE)
    precision_m = fields.Integer()


class ProfileBody(jsonapi.Body):
    """What may be changed. `home: null` forgets the home; only its cell is kept."""

    name = fields.String()
    locale = fields.String(validate=KNOWN_LOCALE)
    home = fields.Nested(HomeSchema, allow_none=True)


class StatusSchema(ma.Schema):
    """How it stands."""

    status = fields.String()


class UserSchema(jsonapi.ReferenceSchema):
    """Whom the key stands for."""

    member_code = fields.String()


class TokenSchema(ma.Schema):
    """A key, shown this once."""

    token = fields.String()
    expires_at = fields.DateTime()
    user = fields.Nested(UserSchema)


class BelongingSchema(ma.Schema):
    """One hub, and as what."""

    hub = fields.Nested(jsonapi.HubReferenceSchema)
    roles = fields.List(fields.String())
    status = fields.String()


class MeSchema(UserSchema):
    """One's own profile."""

    email = fields.String(allow_none=True)
    email_confirmed = fields.Boolean()
    locale = fields.String()
    home = fields.Nested(HomeSchema, allow_none=True)
    memberships = fields.List(fields.Nested(BelongingSchema))
    trust = fields.Raw(allow_none=True)


class PublicProfileSchema(jsonapi.ReferenceSchema):
    """What everybody may see of somebody: never an address or a place."""

    since = fields.Date()
    trust = fields.Raw(allow_none=True)
    badges = fields.List(fields.String())


def _address_and_account() -> str:
    body = request.get_json(silent=True)
    email = body.get("email") if isinstance(body, dict) else None
    return f"{address()} {fingerprint(str(email).strip().lower())[:16]}"


def _refused(response: Any) -> bool:
    return bool(response.status_code >= 400)


@blueprint.post("/accounts")
@blueprint.arguments(SignUpBody)
@blueprint.response(202, StatusSchema)
@limiter.limit("60 per hour")
def sign_up(body: Json) -> tuple[Response, int]:
    """Sign up. The answer is the same whether the address was known or not."""
    lat, lon = body["lat"], body["lon"]
    if (lat is None) != (lon is None):
        raise Invalid({"lon" if lon is None else "lat": "core.required"})
    new = services.prepare_sign_up(
        name=body["name"],
        email=body["email"],
        password=body["password"],
        adult=True,
        locale=body["locale"] or current_locale(),
        home=None if lat is None else (lat, lon),
    )
    with transaction():
        services.sign_up(new, now=g.now)
    return jsonify({"status": "confirmation_sent"}), 202


@blueprint.post("/tokens")
@blueprint.arguments(LogInBody)
@blueprint.response(201, TokenSchema)
@limiter.limit("100 per hour", deduct_when=_refused)
@limiter.limit("10 per 15 minutes", key_func=_address_and_account, deduct_when=_refused)
def log_in(body: Json) -> tuple[Response, int]:
    """Log in: a key that is shown this once."""
    resident_id = services.recognise(
        email=body["email"],
        password=body["password"],
        production=current_app.extensions["movilab.config"].is_production,
    )
    if resident_id is None:
        raise Unauthenticated("accounts.bad_credentials")
    with transaction():
        row, token = services.make_token(
            actor_id=resident_id, name=body["name"] or "API", now=g.now, **_days(body)
        )
        user = queries.resident(resident_id)
    answer = {"token": token, "expires_at": jsonapi.moment(row.expires_at), "user": _user(user)}
    return jsonify(answer), 201


def _days(body: Json) -> dict[str, int]:
    return {} if body["days"] is None else {"days": body["days"]}


@blueprint.delete("/tokens/current")
@blueprint.response(204)
def log_out() -> Response:
    """Log out: the key of this very request no longer opens."""
    if current_user.api_token_id is None:
        raise NotFound

    def end() -> Json:
        services.revoke_token(actor_id=current_user.id, token_id=current_user.api_token_id, now=g.now)
        return {}

    return jsonapi.act(end, status=204)


@blueprint.get("/me")
@blueprint.response(200, MeSchema)
def me() -> Response:
    """One's own profile."""
    return jsonify(_me(queries.resident(current_user.id)))


@blueprint.patch("/me")
@blueprint.arguments(ProfileBody)
@blueprint.response(200, MeSchema)
def edit_me(body: Json) -> Response:
    """Change one's own profile; what is not sent stays."""

    def edit() -> Json:
        resident = services.edit_profile(
            actor_id=current_user.id, name=body.get("name"), locale=body.get("locale")
        )
        if "home" in body:
            _move(body["home"])
        return _me(resident)

    return jsonapi.act(edit)


def _move(home: Json | None) -> None:
    if home is None:
        services.forget_home(actor_id=current_user.id)
    else:
        services.set_home(actor_id=current_user.id, lat=home["lat"], lon=home["lon"], now=g.now)


@blueprint.get("/users/<int:user_id>")
@blueprint.response(200, PublicProfileSchema)
def user(user_id: int) -> Response:
    """What everybody may see of a neighbour."""
    resident = queries.resident(user_id)
    since = clock.day_at(resident.created_at, clock.home_zone())
    return jsonify({**_reference(resident), "since": since.isoformat(), "trust": None, "badges": []})


def _reference(resident: Resident) -> Json:
    return {"id": str(resident.id), "name": resident.name}


def _user(resident: Resident) -> Json:
    return {**_reference(resident), "member_code": resident.code}


def _me(resident: Resident) -> Json:
    home = None
    if resident.home_lat is not None:
        home = {"lat": resident.home_lat, "lon": resident.home_lon, "precision_m": HOME_M}
    return {
        **_user(resident),
        "email": resident.email,
        "email_confirmed": resident.email_confirmed_at is not None,
        "locale": resident.locale,
        "home": home,
        "memberships": [
            {"hub": jsonapi.hub_reference(hub), "roles": list(hub.roles), "status": hub.status}
            for hub in current_user.hubs
        ],
        "trust": None,
    }
