"""The manners of the JSON API: who may call, pages, one act per request, the same act for the same key.

A call in a room's `api.py` reads its arguments (flask-smorest), hands a use case to `act` or `read`, and answers
plain dictionaries; the schemas say in the document what they hold.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import marshmallow as ma
from flask import Response, current_app, g, jsonify, request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import fields
from webargs.flaskparser import FlaskParser

from app.core import http, idempotency
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, Malformed, Unauthenticated
from app.core.i18n import _l, sentence
from app.core.paging import DEFAULT_LIMIT, LARGEST_LIMIT, Page

Json = dict[str, Any]
UseCase = Callable[[], Json | list[Any] | tuple[Json | list[Any], int]]

PUBLIC_CALLS = frozenset(
    {
        "accounts_api.sign_up",
        "accounts_api.log_in",
        "accounts_api.user",
        "geo_api.index",
        "hubs_api.index",
        "hubs_api.show",
        "items_api.search",
        "items_api.show",
        "workshops_api.index",
        "workshops_api.show",
        "purchases_api.index",
        "purchases_api.show",
        "skills_api.search",
        "skills_api.show",
        "api.openapi",
        "api.docs",
    }
)
"""Calls that need no token. A token that is sent must hold all the same."""

_KEY = re.compile(r"^[\x21-\x7e]{1,128}$")
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")

for _field, _key, _sentence in (
    (fields.Field, "required", _l("À remplir.")),
    (fields.Field, "null", _l("À remplir.")),
    (fields.Field, "validator_failed", _l("Ce n’est pas la bonne forme.")),
    (fields.String, "invalid", _l("Un texte est attendu ici.")),
    (fields.String, "invalid_utf8", _l("Ce texte contient des caractères illisibles.")),
    (fields.Integer, "invalid", _l("Un nombre entier est attendu ici.")),
    (fields.Number, "invalid", _l("Un nombre est attendu ici.")),
    (fields.Number, "too_large", _l("Ce nombre est trop grand.")),
    (fields.Float, "special", _l("Un nombre est attendu ici.")),
    (fields.Boolean, "invalid", _l("Oui ou non : true ou false.")),
    (fields.List, "invalid", _l("Une liste est attendue ici.")),
    (fields.Nested, "type", _l("Un objet est attendu ici.")),
    (fields.DateTime, "invalid", _l("Écrivez le moment ainsi : 2026-11-27T14:00:00+01:00.")),
    (fields.DateTime, "invalid_awareness", _l("Écrivez le moment ainsi : 2026-11-27T14:00:00+01:00.")),
    (fields.Date, "invalid", _l("Écrivez la date ainsi : 2026-11-27.")),
):
    _field.default_error_messages = {**_field.default_error_messages, _key: _sentence}


class Reader(FlaskParser):
    """Reads what a program sends. Brackets nested without end, a number of thousands of digits, NUL and halves of
    signs (surrogates) are nothing that we could keep or look for, in whatever field."""

    def _raw_load_json(self, req: Any) -> Any:
        try:
            sent = super()._raw_load_json(req)
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise
        except (RecursionError, ValueError) as error:
            raise Malformed("core.malformed") from error
        if sent is not ma.missing and b"\\u" in req.get_data() and any(map(_UNKEEPABLE.search, _texts(sent))):
            raise Malformed("core.malformed")
        return sent

    def _get_schema(self, argmap: Any, req: Any) -> ma.Schema:
        return _schema_of(argmap) if isinstance(argmap, type) else super()._get_schema(argmap, req)


@cache
def _schema_of(kind: type[ma.Schema]) -> ma.Schema:
    """One for all requests: to make it copies every field."""
    return kind()


def _texts(sent: Any) -> Iterator[str]:
    left = [sent]
    while left:
        part = left.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            left += [*part, *part.values()]
        elif isinstance(part, list):
            left += part


Blueprint.ARGUMENTS_PARSER = Reader()


class Between(ma.validate.Range):
    """A number within bounds that the document names, refused in the reader's language."""

    def __call__(self, value: Any) -> Any:
        try:
            return super().__call__(value)
        except ma.ValidationError as error:
            said = sentence("core.out_of_range", {"min": self.min, "max": self.max})
            raise ma.ValidationError(said) from error


class Body(ma.Schema):
    """What a program sends: unknown fields are refused, and said so in the reader's language."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {  # noqa: RUF012 -- marshmallow reads it as a plain class attribute
        "unknown": _l("Ce champ n’existe pas."),
        "type": _l("Un objet JSON est attendu."),
    }


class PageArguments(ma.Schema):
    """`?limit=` 1 to 100 and `?cursor=` of a list."""

    class Meta:
        unknown = ma.EXCLUDE

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=Between(min=1, max=LARGEST_LIMIT),
        metadata={"description": "How many lines, 1 to 100."},
    )
    cursor = fields.String(
        load_default=None, allow_none=True, metadata={"description": "Where the last page ended."}
    )


class ReferenceSchema(ma.Schema):
    """Somebody or something, small."""

    id = fields.String()
    name = fields.String()


class HubReferenceSchema(ReferenceSchema):
    """A hub, small."""

    slug = fields.String()


class ProblemSchema(ma.Schema):
    """RFC 9457, as every refusal looks. Some say more: `blockers`, `alternatives`, `similar`, `latest`."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


def page_schema(line: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of these lines: items, next, total."""
    name = line.__name__.removesuffix("Schema") + "PageSchema"
    return type(
        name,
        (ma.Schema,),
        {
            "items": fields.List(fields.Nested(line)),
            "next": fields.String(allow_none=True),
            "total": fields.Integer(allow_none=True),
            "__doc__": "A page of a list.",
        },
    )


def reference(row: Any) -> Json | None:
    """`{id, name}` of a resident or anything with both; None for nothing."""
    return None if row is None else {"id": str(row.id), "name": row.name}


def hub_reference(hub: Any) -> Json | None:
    """`{id, slug, name}` of a hub; None for nothing."""
    return None if hub is None else {"id": str(hub.id), "slug": hub.slug, "name": hub.name}


def page_json(page: Page[Any], line: Callable[[Any], Json]) -> Json:
    """A page as every list answers it."""
    return {"items": [line(row) for row in page.lines], "next": page.next, "total": page.total}


def moment(at: Any) -> str | None:
    """RFC 3339 with offset, to the second; None for nothing."""
    return None if at is None else at.isoformat(timespec="seconds")


def guard() -> None:
    """Before each call of the API: a good token, or the site's own session with its CSRF header."""
    if not http.is_api():
        return
    if http.has_bearer():
        if not current_user.is_authenticated:
            raise Unauthenticated("core.bad_token")
        return
    if request.endpoint in PUBLIC_CALLS or request.endpoint is None:
        return
    if not current_user.is_authenticated:
        raise Unauthenticated("core.log_in_first")
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        http.csrf.protect()


def act(do: UseCase, *, status: int = 200) -> Response:
    """Do it in one transaction and answer; with an `Idempotency-Key` the same key and body is done once, and its
    first 2xx answer is given again. `do` returns the JSON body, or (body, status)."""
    key = _idempotency_key()
    if key is None:
        with transaction():
            return _answer(do(), status)
    digest = hashlib.sha256(
        b"\0".join((request.method.encode(), request.path.encode(), request.get_data()))
    ).hexdigest()
    try:
        with transaction():
            earlier = _earlier(key, digest)
            if earlier is not None:
                return earlier
            idempotency.take(current_user.id, key, digest=digest, now=g.now)
            response = _answer(do(), status)
            idempotency.keep(
                current_user.id, key, status=response.status_code, body=response.get_data(as_text=True)
            )
            return response
    except Conflict as conflict:
        if conflict.code != idempotency.RACE:
            raise
    with transaction():  # the other one has just ended: its answer stands
        earlier = _earlier(key, digest)
    if earlier is None:
        raise Conflict(idempotency.RACE)
    return earlier


def _answer(result: Json | list[Any] | tuple[Json | list[Any], int], status: int) -> Response:
    body, code = result if isinstance(result, tuple) else (result, status)
    response = jsonify(body) if code != 204 else current_app.response_class()
    response.status_code = code
    return response


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or not current_user.is_authenticated or request.method != "POST":
        return None
    if not _KEY.match(key):
        raise Malformed("core.bad_idempotency_key")
    return key


def _earlier(key: str, digest: str) -> Response | None:
    found = idempotency.earlier(current_user.id, key, now=g.now)
    if found is None:
        return None
    earlier_digest, status, body = found
    if earlier_digest != digest:
        raise Invalid({"Idempotency-Key": "core.idempotency_key_reused"}, code="core.idempotency_key_reused")
    return current_app.response_class(body, status=status, mimetype="application/json")
