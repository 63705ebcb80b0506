"""What programs send by mistake or on purpose: a clear sentence in their language, the right status, a stable code,
nothing half-written, and never a fault of ours."""

import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import db
from app.items.models import Item
from tests import factories
from tests.contracts.town import Town, rows, town
from tests.harness.clock import Clock

NUL, SURROGATE = "\x00", "\ud800"
RTL = "\u202eمثقاب\u202c"
DEEP = "[" * 100_000
LARGE = 10**400


@dataclass(frozen=True)
class Case:
    """One call that must be refused. `status` and `code`: what may be answered, one or several."""

    name: str
    method: str
    path: str
    status: int | set[int]
    code: str | set[str] | None = None
    who: str = "anna"
    body: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    field: str | None = None
    """The field that `errors` must name."""


def _reserve(
    name: str, /, body: Any, status: int | set[int] = 422, code: str | None = "invalid", **more: Any
) -> Case:
    return Case(f"reserve: {name}", "POST", "/items/{drill}/loans", status, code, body=body, **more)


def _raw(name: str, /, raw: bytes, status: int | set[int] = 400, **headers: str) -> Case:
    return Case(
        f"raw: {name}",
        "POST",
        "/items/{drill}/loans",
        status,
        raw=raw,
        headers={"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()},
    )


def _search(name: str, /, query: str, status: int | set[int] = 422, **more: Any) -> Case:
    return Case(f"search: {name}", "GET", f"/items?{query}", status, **more)


THING = {"title": "Perceuse", "description": "", "category": "outils", "mode": ["lend"], "condition": "good"}


def _thing(name: str, where: str | None = None, /, **changes: Any) -> Case:
    return Case(f"thing: {name}", "POST", "/items", 422, "invalid", body=THING | changes, field=where)


def _out(
    name: str, /, status: int | set[int], code: str | set[str] | None = None, who: str = "vera", **body: Any
) -> Case:
    whole = {"item_code": "{drill_code}", "member_code": "{basil_card}", "hub": "{hub}"} | body
    return Case(f"check-out: {name}", "POST", "/counter/check-out", status, code, who, whole)


def _in(
    name: str, /, status: int | set[int], code: str | set[str] | None = None, who: str = "vera", **body: Any
) -> Case:
    whole = {"item_code": "{saw_code}", "hub": "{hub}"} | body
    return Case(f"check-in: {name}", "POST", "/counter/check-in", status, code, who, whole)


def _sign_up(name: str, where: str | None, /, **changes: Any) -> Case:
    whole = {"email": "new@example.org", "password": "correct-horse-battery-7", "name": "Nadia H."}
    return Case(
        f"sign up: {name}", "POST", "/accounts", 422, "invalid", "nobody", whole | changes, field=where
    )


DATES = (
    _reserve("in the past", {"from": "{day-5}", "to": "{day+2}"}, field="from"),
    _reserve("reversed", {"from": "{day+15}", "to": "{day+11}"}, field="to"),
    _reserve("first day closed", {"from": "{day+30}", "to": "{day+35}"}, field="from"),
    _reserve("last day closed", {"from": "{day+20}", "to": "{day+31}"}, field="to"),
    _reserve("too long", {"from": "{day+10}", "to": "{day+100}"}, field="to"),
    _reserve("too far ahead", {"from": "9000-01-01", "to": "9000-01-02"}, field="from"),
    _reserve("the end of time", {"from": "9999-12-31", "to": "9999-12-31"}, field="from"),
    _reserve("the end of time only at the end", {"from": "{day+10}", "to": "9999-12-31"}, field="to"),
    _reserve("the beginning of time", {"from": "0001-01-01", "to": "0001-01-01"}, field="from"),
    _reserve("a word", {"from": "demain", "to": "{day+12}"}, field="from"),
    _reserve("no such day", {"from": "2026-02-30", "to": "{day+12}"}, field="from"),
    _reserve("a moment", {"from": "2026-12-05T10:00:00Z", "to": "{day+12}"}, field="from"),
    _reserve("a number", {"from": 20261205, "to": "{day+12}"}, field="from"),
    _reserve("nothing", {"from": None, "to": "{day+12}"}, field="from"),
    _reserve("missing", {"from": "{day+10}"}, field="to"),
    _reserve("an object", {"from": {"day": 1}, "to": ["{day+12}"]}, field="from"),
    _reserve("other digits", {"from": "٢٠٢٦-١٢-٠٥", "to": "{day+12}"}, field="from"),
    _reserve("taken", {"from": "{day+4}", "to": "{day+5}"}, 409, "already_reserved"),
    Case(
        "renew: a word",
        "POST",
        "/loans/{out_loan}/renew",
        422,
        "invalid",
        "basil",
        {"to": "plus tard"},
        field="to",
    ),
    Case("renew: the past", "POST", "/loans/{out_loan}/renew", {409, 422}, None, "basil", {"to": "{day-5}"}),
    Case("renew: far", "POST", "/loans/{out_loan}/renew", {409, 422}, None, "basil", {"to": "9999-12-31"}),
)

BLOCKED = (
    _reserve("e-mail not confirmed", {"from": "{day+10}", "to": "{day+12}"}, 409, "blocked", who="pia"),
    _reserve("no member", {"from": "{day+10}", "to": "{day+12}"}, 409, "blocked", who="zoe"),
    Case(
        "reserve: retired",
        "POST",
        "/items/{retired}/loans",
        {404, 409},
        body={"from": "{day+10}", "to": "{day+12}"},
    ),
    Case(
        "reserve: induction",
        "POST",
        "/items/{safe}/loans",
        409,
        "blocked",
        body={"from": "{day+10}", "to": "{day+12}"},
    ),
    Case(
        "reserve: one’s own",
        "POST",
        "/items/{ladder}/loans",
        {403, 409, 422},
        body={"from": "{day+20}", "to": "{day+22}"},
    ),
)

BODIES = (
    _raw("no JSON", b"{from: tomorrow}"),
    _raw("half of it", b'{"from": "2026-12-0'),
    _raw("empty", b"", {400, 422}),
    _raw("not UTF-8", b'{"from": "\xff\xfe", "to": "x"}'),
    _raw("UTF-16", '{"from": "x"}'.encode("utf-16"), {400, 422}),
    _raw("100,000 brackets", DEEP.encode()),
    _raw("deep but whole", (b'{"from":' + b"[" * 50_000 + b"]" * 50_000 + b"}"), {400, 422}),
    _raw("a number of 5,000 digits", b'{"from": ' + b"9" * 5000 + b', "to": 1}', {400, 422}),
    _raw("1e999", b'{"from": 1e999, "to": -1e999}', 422),
    _raw("NaN", b'{"from": NaN, "to": Infinity}', {400, 422}),
    _raw("a NUL in a name", b'{"from\\u0000": "x"}'),
    _raw("half a sign", b'{"from": "\\ud83d"}'),
    _raw("a whole sign", b'{"from": "\\ud83d\\ude00", "to": "x"}', 422),
    _raw("null", b"null", {400, 422}),
    _raw("a list", b"[]", 422),
    _raw("a text", b'"from"', 422),
    _raw("a number", b"7", 422),
    _raw("two objects", b'{"from": "x"}{"to": "y"}'),
    _raw(
        "another content type",
        b'{"from": "{day+10}", "to": "{day+12}"}',
        {400, 415, 422},
        Content_Type="text/plain",
    ),
    _raw(
        "a form",
        b"from=2026-12-05&to=2026-12-06",
        {400, 415, 422},
        Content_Type="application/x-www-form-urlencoded",
    ),
    _raw("a broken form", b"--x\r\nbroken", {400, 415, 422}, Content_Type="multipart/form-data; boundary=x"),
    _raw("an unknown charset", b"{}", {400, 415, 422}, Content_Type="application/json; charset=martian"),
    _raw("13 MB", b'{"message": "' + b"x" * (13 * 1024 * 1024) + b'"}', 413),
    _reserve("a field nobody knows", {"from": "{day+10}", "to": "{day+12}", "free": True}, field="free"),
    _reserve(
        "a field named like ours", {"from": "{day+10}", "to": "{day+12}", "actor_id": 1}, field="actor_id"
    ),
    _reserve(
        "a message of 100,000 signs",
        {"from": "{day+10}", "to": "{day+12}", "message": "x" * 100_000},
        field="message",
    ),
    _reserve(
        "a message that is a list", {"from": "{day+10}", "to": "{day+12}", "message": ["x"]}, field="message"
    ),
)

STRANGERS = (
    Case("no token", "GET", "/me", 401, "log_in_first", "nobody"),
    Case("expired token", "GET", "/me", 401, "bad_token", "expired"),
    Case("revoked token", "GET", "/me", 401, "bad_token", "revoked"),
    Case("nonsense token", "GET", "/me", 401, "bad_token", "nonsense"),
    Case("empty token", "GET", "/me", 401, "bad_token", "nobody", headers={"Authorization": "Bearer "}),
    Case(
        "token of 8,000 signs",
        "GET",
        "/me",
        401,
        "bad_token",
        "nobody",
        headers={"Authorization": "Bearer " + "x" * 8000},
    ),
    Case(
        "token beyond ASCII",
        "GET",
        "/me",
        401,
        "bad_token",
        "nobody",
        headers={"Authorization": "Bearer clé"},
    ),
    Case("basic", "GET", "/me", 401, "log_in_first", "nobody", headers={"Authorization": "Basic YTpi"}),
    Case("bad token on an open call", "GET", "/items", 401, "bad_token", "expired"),
    Case("write without token", "POST", "/items", 401, "log_in_first", "nobody", THING),
    Case(
        "wrong password",
        "POST",
        "/tokens",
        401,
        "bad_credentials",
        "nobody",
        {"email": "a@example.org", "password": "x"},
    ),
    Case("log in: numbers", "POST", "/tokens", 422, "invalid", "nobody", {"email": 1, "password": 2}),
    Case(
        "log in: NUL",
        "POST",
        "/tokens",
        {400, 401, 422},
        None,
        "nobody",
        {"email": f"a{NUL}@example.org", "password": NUL},
    ),
    Case(
        "log in: long",
        "POST",
        "/tokens",
        {401, 422},
        None,
        "nobody",
        {"email": "a" * 99_999, "password": "p" * 999_999},
    ),
)

OTHERS = (
    Case("unknown object", "GET", "/items/999999", 404, "not_found"),
    Case("object that is a word", "GET", "/items/perceuse", 404, "not_found"),
    Case("negative object", "GET", "/items/-1", 404, "not_found"),
    Case("object beyond all numbers", "GET", "/items/99999999999999999999999", 404, "not_found"),
    Case("object in other digits", "GET", "/items/١٢", 404, "not_found"),
    Case("edit another’s object", "PATCH", "/items/{tent}", {403, 404}, body={"title": "À moi"}),
    Case("edit a hub’s object", "PATCH", "/items/{drill}", 403, body={"title": "À moi"}),
    Case(
        "edit another hub’s object", "PATCH", "/items/{far}", {403, 404}, who="cora", body={"title": "À nous"}
    ),
    Case("delete another’s object", "DELETE", "/items/{tent}", {403, 404}),
    Case("photo on another’s object", "POST", "/items/{tent}/photos", {403, 404, 415, 422}),
    Case("another’s loan", "GET", "/loans/{out_loan}", 404, "not_found"),
    Case("renew another’s loan", "POST", "/loans/{out_loan}/renew", 404, "not_found"),
    Case("cancel another’s loan", "POST", "/loans/{out_loan}/cancel", 404, "not_found"),
    Case("approve one’s own asking", "POST", "/loans/{asked_loan}/approve", 403, None, "basil"),
    Case("decline as a stranger", "POST", "/loans/{asked_loan}/decline", 404, "not_found", "zoe"),
    Case("read another’s messages", "GET", "/loans/{out_loan}/messages", 404, "not_found"),
    Case(
        "write into another’s messages",
        "POST",
        "/loans/{out_loan}/messages",
        404,
        "not_found",
        body={"text": "?"},
    ),
    Case("hand over another’s loan", "POST", "/loans/{asked_loan}/handed-over", 404, "not_found", "zoe"),
    Case("loans of a hub that is not mine", "GET", "/loans?role=hub&hub={hub}", {403, 404}),
    Case("verify as a member", "POST", "/hubs/{hub}/members/{zoe_id}/verify", 403),
    Case("verify at another hub", "POST", "/hubs/{other}/members/{zoe_id}/verify", 403, None, "vera"),
    Case("verify oneself", "POST", "/hubs/{hub}/members/{vera_id}/verify", {403, 404, 409}, None, "vera"),
    Case("verify nobody", "POST", "/hubs/{hub}/members/999999/verify", 404, None, "vera"),
    Case("make an account as a member", "POST", "/hubs/{hub}/residents", 403, body={"name": "Nadia H."}),
    Case("unknown hub", "GET", "/hubs/999999", 404, "not_found"),
    Case("unknown person", "GET", "/users/999999", 404, "not_found"),
    Case("join nothing", "POST", "/hubs/999999/members", 404, "not_found"),
    Case(
        "an object for a hub that is not mine",
        "POST",
        "/items",
        403,
        body=THING | {"hub": "{hub}", "owner": "hub"},
    ),
    Case("an object at no hub", "POST", "/items", {404, 422}, body=THING | {"hub": "999999"}),
    Case("no such call", "GET", "/nothing", 404, "not_found"),
    Case("no such method", "DELETE", "/items", 405),
    Case("no such method on one", "PUT", "/items/{drill}", 405),
)

COUNTER = (
    _out("by a member", 403, who="anna"),
    _out("at a hub that is not mine", 403, hub="{other}"),
    _out("at no hub", {403, 404, 422}, hub="999999"),
    _out("hub is a word", {403, 404, 422}, hub="maison"),
    _out("hub beyond all numbers", {403, 404, 422}, hub="9" * 30),
    _out("half a code", {404, 422}, item_code="I-4F7"),
    _out("a mistyped code", {404, 422}, item_code="I-0000001"),
    _out("a card for an object", {404, 422}, item_code="{basil_card}"),
    _out("an object for a card", {404, 422}, member_code="{drill_code}"),
    _out("an empty code", {404, 422}, item_code=""),
    _out("a code of 10,000 signs", {404, 422}, item_code="I-" + "0" * 10_000),
    _out("a code with NUL", {400, 404, 422}, item_code=f"I-{NUL}"),
    _out("a code that is a number", 422, "invalid", item_code=7),
    _out("already out", 409, "already_out", item_code="{saw_code}", member_code="{anna_card}"),
    _out("due in the past", {409, 422}, due="{day-5}"),
    _out("due at the end of time", {409, 422}, due="9999-12-31"),
    _out("due is a word", 422, "invalid", due="bientôt"),
    _out("in the future", {409, 422}, at="2027-11-25T10:00:00+01:00"),
    _out("long ago", {409, 422}, at="2026-01-01T10:00:00+01:00"),
    _out("a moment without a zone", {409, 422}, at="2026-11-25T10:00:00"),
    _out("a moment that is a word", 422, "invalid", at="hier"),
    _out("parts are a text", 422, "invalid", parts="mandrin"),
    _out("parts are numbers", 422, "invalid", parts=[1, 2]),
    _out("acknowledged is a text", 422, "invalid", acknowledged="peut-être"),
    _out("notices not read", 409, {"to_tick", "blocked"}, item_code="{safe_code}"),
    _out(
        "an override without a reason",
        {409, 422},
        item_code="{safe_code}",
        override={"codes": ["induction_missing"], "reason": ""},
    ),
    _out(
        "an override of nothing we know",
        {409, 422},
        item_code="{safe_code}",
        override={"codes": ["gravity"], "reason": "Si."},
    ),
    _out("an override that is a list", 422, "invalid", override=["too_many"]),
    _out("a deposit of minus one", 422, None, deposit_received_cents=-1),
    _out("a deposit beyond all numbers", 422, None, deposit_received_cents=LARGE),
    _out("a condition nobody knows", 422, None, condition="mangé"),
    _out("a note of 100,000 signs", 422, None, note="x" * 100_000),
    _out("no member", {409}, "blocked", member_code="{zoe_card}"),
    _in("by a member", 403, who="anna"),
    _in("not out", 409, "not_out", item_code="{drill_code}"),
    _in("half a code", {404, 422}, item_code="I-4F7"),
    _in("a condition nobody knows", 422, None, condition="mangé"),
    _in("in the future", {409, 422}, at="2027-11-25T10:00:00+01:00"),
    _in("a note of 100,000 signs", 422, None, note="x" * 100_000),
    Case("lookup: half a code", "GET", "/counter/lookup?code=I-4F7&hub={hub}", {404, 422}, None, "vera"),
    Case("lookup: nothing", "GET", "/counter/lookup?hub={hub}", {404, 422}, None, "vera"),
    Case("lookup: by a member", "GET", "/counter/lookup?code={drill_code}&hub={hub}", 403),
    Case(
        "lookup: hub is a word",
        "GET",
        "/counter/lookup?code={drill_code}&hub=maison",
        {403, 404, 422},
        None,
        "vera",
    ),
)

THINGS = (
    _thing("no title", "title", title=""),
    _thing("blank title", "title", title=" \u00a0\t "),
    _thing("title of nothing that shows", "title", title="\u200e\u202e\x07"),
    _thing("title of 5,000 signs", "title", title="x" * 5000),
    _thing("title that is a number", "title", title=7),
    _thing("description of 100,000 signs", "description", description="x" * 100_000),
    _thing("unknown category", "category", category="licornes"),
    _thing("no mode", "mode", mode=[]),
    _thing("unknown mode", "mode", mode=["steal"]),
    _thing("mode is a text", "mode", mode="lend"),
    _thing("unknown condition", "condition", condition="mangé"),
    _thing("value below nothing", "value_cents", value_cents=-1),
    _thing("value beyond all numbers", "value_cents", value_cents=LARGE),
    _thing("value beyond the column", "value_cents", value_cents=2**31),
    _thing("value beyond 64 bits", "value_cents", value_cents=2**63),
    _thing("value with a comma", "value_cents", value_cents=1.5),
    _thing("deposit is a word", "deposit_cents", deposit_cents="dix"),
    _thing("no days at all", "max_days", max_days=0),
    _thing("days beyond all numbers", "max_days", max_days=LARGE),
    _thing("days is a list", "max_days", max_days=[1]),
    _thing("parts of nothing", None, parts=[{"name": "", "count": 1}]),
    _thing("no count of a part", None, parts=[{"name": "mandrin", "count": 0}]),
    _thing("too great a count of a part", None, parts=[{"name": "mandrin", "count": 10**9}]),
    _thing("parts are texts", None, parts=["mandrin"]),
    _thing("10,000 parts", "parts", parts=[{"name": f"p{n}", "count": 1} for n in range(10_000)]),
    Case("edit: no title", "PATCH", "/items/{ladder}", 422, "invalid", body={"title": ""}, field="title"),
    Case(
        "edit: nothing we know",
        "PATCH",
        "/items/{ladder}",
        422,
        "invalid",
        body={"status": "gone"},
        field="status",
    ),
    Case(
        "edit: stale",
        "PATCH",
        "/items/{ladder}",
        412,
        None,
        body={"title": "Neuf"},
        headers={"If-Match": '"old"'},
    ),
    Case(
        "message: empty",
        "POST",
        "/loans/{reserved_loan}/messages",
        422,
        "invalid",
        body={"text": "  "},
        field="text",
    ),
    Case(
        "message: 100,000 signs",
        "POST",
        "/loans/{reserved_loan}/messages",
        422,
        "invalid",
        body={"text": "x" * 100_000},
        field="text",
    ),
)

LISTS = (
    _search("near is a word", "near=here", field="near"),
    _search("near is one number", "near=44.7", field="near"),
    _search("near off the earth", "near=91,5", field="near"),
    _search("near nowhere", "near=nan,nan", field="near"),
    _search("near at infinity", "near=inf,-inf", field="near"),
    _search("near home without one", "near=home", {401, 409, 422}, who="nobody"),
    _search("radius below nothing", "near=44.7,5.2&radius_km=-1", field="radius_km"),
    _search("radius is a word", "near=44.7,5.2&radius_km=far", field="radius_km"),
    _search("radius is not a number", "near=44.7,5.2&radius_km=nan", field="radius_km"),
    _search("no lines", "limit=0", field="limit"),
    _search("too many lines", "limit=101", field="limit"),
    _search("lines beyond all numbers", f"limit={10**30}", field="limit"),
    _search("lines are a word", "limit=all", field="limit"),
    _search("unknown mode", "mode=steal", field="mode"),
    _search("unknown order", "sort=price", field="sort"),
    _search("no such day", "from=2026-02-30&to=2026-03-01", field="from"),
    _search("the end of time", "from=9999-12-31&to=9999-12-31", {200, 422}),
    _search("reversed days", "from=2026-12-05&to=2026-12-01", 422),
    _search("hub is a word", "hub=maison", {200, 404, 422}),
    _search("hub beyond all numbers", f"hub={9 * 10**30}", {200, 404, 422}),
    _search("NUL", "q=%00", {200, 400, 422}),
    _search("NUL in an id", "hub=%00", 400, code="malformed"),
    _search("forged cursor", "cursor=WzFd.forged", 400, code="bad_cursor"),
    _search("cursor is noise", "cursor=%F0%9F%92%A9", 400, code="bad_cursor"),
    _search("cursor of 8,000 signs", "cursor=" + "x" * 8000, {400, 414}),
    Case("hubs: forged cursor", "GET", "/hubs?cursor=WzFd.forged", 400, "bad_cursor"),
    Case("hubs: near is a word", "GET", "/hubs?near=here", 422, field="near"),
    Case("hubs: unknown kind", "GET", "/hubs?kind=castle", 422, field="kind"),
    Case("loans: forged cursor", "GET", "/loans?cursor=WzFd.forged", 400, "bad_cursor"),
    Case("loans: unknown role", "GET", "/loans?role=thief", 422, field="role"),
    Case("loans: unknown status", "GET", "/loans?status=eaten", 422, field="status"),
    Case("loans: no such day", "GET", "/loans?due_before=soon", 422, field="due_before"),
    Case(
        "key with a space",
        "POST",
        "/items/{drill}/loans",
        400,
        "bad_idempotency_key",
        body={"from": "{day+10}", "to": "{day+12}"},
        headers={"Idempotency-Key": "a b"},
    ),
    Case(
        "key of 129 signs",
        "POST",
        "/items/{drill}/loans",
        400,
        "bad_idempotency_key",
        body={"from": "{day+10}", "to": "{day+12}"},
        headers={"Idempotency-Key": "k" * 129},
    ),
    Case(
        "empty key",
        "POST",
        "/items/{drill}/loans",
        400,
        "bad_idempotency_key",
        body={"from": "{day+10}", "to": "{day+12}"},
        headers={"Idempotency-Key": ""},
    ),
)

PEOPLE = (
    _sign_up("no address", "email", email="nadia"),
    _sign_up("two addresses", "email", email="a@example.org, b@example.org"),
    _sign_up("a header in the address", "email", email="a@example.org\r\nBcc: b@example.org"),
    _sign_up("an address of 5,000 signs", "email", email="a" * 5000 + "@example.org"),
    _sign_up("an address that is a list", "email", email=["a@example.org"]),
    _sign_up("a short password", "password", password="short"),
    _sign_up("a password everybody has", "password", password="12345678900987654321"),
    _sign_up("a password of a million signs", "password", password="p" * 1_000_000),
    _sign_up("no name", "name", name="  "),
    _sign_up("a name of 5,000 signs", "name", name="x" * 5000),
    _sign_up("a language we do not speak", "locale", locale="tlh"),
    _sign_up("a home off the earth", None, lat=999, lon=5.2),
    _sign_up("half a home", "lon", lat=44.7),
    Case("profile: no name", "PATCH", "/me", 422, "invalid", body={"name": ""}, field="name"),
    Case("profile: a role", "PATCH", "/me", 422, "invalid", body={"is_steward": True}, field="is_steward"),
    Case("profile: home is a text", "PATCH", "/me", 422, "invalid", body={"home": "Saillans"}, field="home"),
    Case(
        "profile: home off the earth", "PATCH", "/me", 422, "invalid", body={"home": {"lat": 99, "lon": 999}}
    ),
    Case(
        "counter account: no name",
        "POST",
        "/hubs/{hub}/residents",
        422,
        "invalid",
        "vera",
        {"name": ""},
        field="name",
    ),
)

GROUPS = {
    "dates": DATES,
    "blockers": BLOCKED,
    "bodies": BODIES,
    "strangers": STRANGERS,
    "others": OTHERS,
    "counter": COUNTER,
    "things": THINGS,
    "lists": LISTS,
    "people": PEOPLE,
}


def _send(client: FlaskClient, built: Town, case: Case, language: str) -> Any:
    headers = {**built.tokens[case.who], "Accept-Language": language, **case.headers}
    raw = case.raw
    if case.body is not None:
        raw = json.dumps(built.told(case.body)).encode()
        headers.setdefault("Content-Type", "application/json")
    client.forged = True  # programs send no token against forgery
    return client.open(f"/api/v1{built.told(case.path)}", method=case.method, data=raw, headers=headers)


@pytest.mark.by_turns
@pytest.mark.parametrize("group", GROUPS)
def test_is_refused_in_words(
    app: Flask, client: FlaskClient, clock: Clock, group: str, subtests: pytest.Subtests
) -> None:
    built = town()
    before = rows()
    for case in GROUPS[group]:
        with subtests.test(case.name):
            answers = {language: _send(client, built, case, language) for language in ("fr", "en")}
            for answer in answers.values():
                _is_as_said(case, answer)
            if answers["fr"].status_code >= 400:
                _is_said_in_english(answers["fr"].get_json(), answers["en"].get_json())
            earlier, before = before, rows()
            assert before == earlier, "something was written"


def _is_as_said(case: Case, answer: Any) -> None:
    wanted = case.status if isinstance(case.status, set) else {case.status}
    assert answer.status_code in wanted, f"{answer.status_code}: {answer.text[:500]}"
    if answer.status_code < 400:
        return
    assert answer.content_type == "application/problem+json", answer.text[:200]
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["type"]
    assert body["title"]
    assert body["detail"]
    if case.code is not None:
        assert body["code"] in (case.code if isinstance(case.code, set) else {case.code}), body
    if case.field is not None:
        assert case.field in body["errors"], body
    _says_nothing_of_the_inside(answer.text)


def _is_said_in_english(fr: dict[str, Any], en: dict[str, Any]) -> None:
    assert fr["code"] == en["code"]
    assert (fr["title"], fr["detail"]) != (en["title"], en["detail"]), f"{fr['detail']} is not in English"
    for name, sentences in fr.get("errors", {}).items():
        assert sentences != en["errors"][name], f"{sentences} is not in English"


def _says_nothing_of_the_inside(text: str) -> None:
    for word in ("Traceback", "sqlalchemy", "psycopg", "sqlite3", "marshmallow", "ValueError", "%("):
        assert word not in text


STRANGE = {
    "emoji": "Perceuse 🔧👩‍🔧🇫🇷",
    "right to left": "مثقاب كهربائي",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "sql": "'; DROP TABLE item; -- %s {0} %(x)s",
    "template": "{{ 7*7 }}{% raw %}${7*7}",
    "path": "../../../etc/passwd",
    "csv": '=HYPERLINK("http://evil.example","x")',
    "accents apart": "E\u0301chelle",
    "many lines in one": "Perceuse\r\nX-Injected: yes",
}


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_strange_text_is_kept_as_text(app: Flask, client: FlaskClient, clock: Clock, text: str) -> None:
    """Posted, edited, searched, said in a message: it comes back as what it is, and does nothing."""
    built = town()
    case = Case(
        "",
        "POST",
        "/items",
        201,
        body=THING | {"title": text, "description": text, "parts": [{"name": text, "count": 1}]},
    )
    made = _send(client, built, case, "fr")
    assert made.status_code == 201, made.text
    shown = client.get(f"/api/v1/items/{made.get_json()['id']}", headers=built.tokens["anna"])
    assert shown.status_code == 200
    assert shown.get_json()["title"] == _clean(text)
    page = client.get(f"/items/{made.get_json()['id']}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    for path in ("/api/v1/items", "/items"):
        found = client.get(
            path, query_string={"q": text}, headers=built.tokens["anna"] if "api" in path else {}
        )
        assert found.status_code == 200, found.text[:300]
    said = _send(
        client, built, Case("", "POST", "/loans/{reserved_loan}/messages", 201, body={"text": text}), "fr"
    )
    assert said.status_code == 201, said.text
    db.session.rollback()
    assert db.session.scalars(select(Item.title).order_by(Item.id.desc())).first() == _clean(text)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize(
    "sign", [NUL, SURROGATE, RTL, "\u2028", "\x1b[31m"], ids=["NUL", "surrogate", "RTL", "LS", "ESC"]
)
def test_signs_that_are_no_text_never_reach_a_row(
    app: Flask, client: FlaskClient, clock: Clock, sign: str
) -> None:
    """Dropped or refused, never stored, never a fault of ours."""
    built = town()
    texts = (
        Case("", "POST", "/items", 201, body=THING | {"title": f"Perceuse {sign}", "description": sign}),
        Case(
            "",
            "POST",
            "/items/{far}/loans",
            201,
            body={"from": "{day+10}", "to": "{day+12}", "message": f"Oui {sign}"},
        ),
        Case("", "POST", "/loans/{reserved_loan}/messages", 201, body={"text": f"Oui {sign}"}),
        Case("", "POST", "/loans/{reserved_loan}/cancel", 200, body={"why": f"Non {sign}"}),
        Case("", "PATCH", "/me", 200, body={"name": f"Anna {sign}"}),
        Case(
            "",
            "POST",
            "/tokens",
            401,
            who="nobody",
            body={"email": f"a{sign}@b.org", "password": sign, "name": sign},
        ),
        Case(
            "",
            "POST",
            "/accounts",
            202,
            who="nobody",
            body={
                "email": f"x{sign}@example.org",
                "password": f"correct-horse-{sign}-77",
                "name": f"N {sign}",
            },
        ),
        Case(
            "",
            "POST",
            "/counter/check-in",
            200,
            who="vera",
            body={"item_code": "{saw_code}", "hub": "{hub}", "note": sign},
        ),
        Case("", "POST", "/hubs/{hub}/residents", 201, who="vera", body={"name": f"N {sign}"}),
    )
    for case in texts:
        answer = _send(client, built, case, "fr")
        assert answer.status_code < 500, f"{case.path}: {answer.text[:300]}"
    db.session.rollback()
    for title, description in db.session.execute(select(Item.title, Item.description)):
        assert not {NUL, SURROGATE, "\u202e", "\u2028", "\x1b"} & set(title + description)


def test_forged_request_of_another_site(app: Flask, client: FlaskClient, clock: Clock) -> None:
    """The site's own session may call the API, with the header against forgery only."""
    built = town()
    before = rows()
    factories.log_in(client, built.people["anna"])
    call = {"json": {"from": built.names["day+10"], "to": built.names["day+12"]}}
    client.forged = True
    refused = client.post(f"/api/v1/items/{built.names['saw']}/loans", **call)
    assert (refused.status_code, refused.get_json()["code"]) == (400, "csrf")
    assert {k: v for k, v in rows().items() if k != "browser_session"} == {
        k: v for k, v in before.items() if k != "browser_session"
    }
    client.forged = False
    assert client.post(f"/api/v1/items/{built.names['safe']}/loans", **call).status_code == 409
