"""Photos in parts: a network that breaks off costs one part, and nobody reaches another's."""

import http.client
import io
import json
import struct
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock as house_clock
from app.core import uploads
from app.core.db import db
from app.items import jobs
from app.items.models import Item, Photo
from app.items.uploads import PART
from tests import factories as make
from tests.harness.web import WebServer
from tests.items.photos import jpeg, kept

PHOTO = jpeg()
HALF = len(PHOTO) // 2


@pytest.fixture
def anna(client: FlaskClient) -> FlaskClient:
    make.category("perceuses")
    return make.log_in(client, make.resident("Anna B."))


def begin(browser: FlaskClient, length: int | str = len(PHOTO)) -> Any:
    return browser.post("/api/v1/uploads", headers={"Upload-Length": str(length)})


def begun(browser: FlaskClient, length: int = len(PHOTO)) -> str:
    answer = begin(browser, length)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/uploads/{answer.json['id']}"
    return str(answer.headers["Location"])


def send(browser: FlaskClient, address: str, content: bytes, offset: int | str, kind: str = PART) -> Any:
    return browser.patch(
        address, data=content, headers={"Upload-Offset": str(offset), "Content-Type": kind}
    )  # fmt: skip


def whole(browser: FlaskClient, content: bytes) -> Any:
    return send(browser, begun(browser, len(content)), content, 0)


def parts(app: Flask) -> list[Path]:
    return sorted((app.extensions["movilab.config"].folder / "uploads").glob("*/*"))


def header_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and holds no more than that."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def test_in_two_parts_and_posted(anna: FlaskClient, app: Flask) -> None:
    address = begun(anna)
    first = send(anna, address, PHOTO[:HALF], 0)
    assert (first.status_code, first.json["offset"], first.json["photo"]) == (200, HALF, None)
    asked = anna.get(address)
    assert (asked.json["offset"], asked.json["length"]) == (HALF, len(PHOTO))
    assert asked.headers["Upload-Offset"] == str(HALF)
    assert anna.head(address).headers["Upload-Offset"] == str(HALF)
    assert "no-store" in asked.headers["Cache-Control"]
    last = send(anna, address, PHOTO[HALF:], HALF)
    photo = last.json["photo"]
    assert anna.get(photo["url"]).mimetype == "image/webp"
    assert b"Secret" not in anna.get(photo["url"]).data
    # The answer was lost: it is given again, and nothing is stored twice.
    assert anna.get(address).json["photo"]["url"] == photo["url"]
    assert send(anna, address, b"", len(PHOTO)).json["photo"]["url"] == photo["url"]
    assert len(kept(app)) == 3
    form = {"title": "Perceuse", "category": "perceuses", "mode": "lend", "hub": "home"}
    assert anna.post("/items/new", data={**form, "staged": photo["staged"]}).status_code == 302
    assert len(db.session.query(Item).one().photos) == 1


def test_added_to_an_object_that_there_is(anna: FlaskClient, app: Flask) -> None:
    form = {"title": "Perceuse", "category": "perceuses", "mode": "lend", "hub": "home"}
    anna.post("/items/new", data=form)
    item = db.session.query(Item).one()
    sign = whole(anna, PHOTO).json["photo"]["staged"]
    assert anna.post(f"/items/{item.id}/photos", data={"staged": sign}).status_code == 302
    again = anna.post(f"/items/{item.id}/photos", data={"staged": sign})
    assert again.status_code == 422  # a photo shows one object, once
    assert db.session.query(Photo).count() == 1
    assert len(kept(app)) == 3


@pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1, len(PHOTO)])
def test_the_wrong_offset_is_told_the_right_one(anna: FlaskClient, offset: int) -> None:
    address = begun(anna)
    send(anna, address, PHOTO[:HALF], 0)
    for content in (PHOTO[offset : offset + 10], b""):
        answer = send(anna, address, content, offset)
        if offset < len(PHOTO) or not content:
            assert (answer.status_code, answer.json["code"]) == (409, "upload_elsewhere")
            assert answer.json["offset"] == HALF
    assert anna.get(address).json["offset"] == HALF


def test_what_comes_beyond_the_end_is_left(anna: FlaskClient) -> None:
    answer = send(anna, begun(anna), PHOTO + b"behind it", 0)
    assert answer.json["offset"] == len(PHOTO)
    assert answer.json["photo"]


def test_another_s_upload_is_nobody_s(anna: FlaskClient, app: Flask) -> None:
    address = begun(anna)
    other = make.log_in(app.test_client(), make.resident())
    assert other.get(address).status_code == 404
    assert send(other, address, PHOTO, 0).status_code == 404
    assert other.delete(address).status_code == 404
    assert anna.get(address).json["offset"] == 0
    stranger = app.test_client()
    assert stranger.get(address).status_code == 401
    assert begin(stranger).status_code == 401


@pytest.mark.parametrize("name", ["x", "a" * 31, "A" * 32, "..", "%2e%2e%2fsecret_key", "*" * 32, "0" * 32])
def test_names_of_nothing(anna: FlaskClient, name: str) -> None:
    assert anna.get(f"/api/v1/uploads/{name}").status_code == 404


def test_only_from_our_own_pages(anna: FlaskClient) -> None:
    address = begun(anna)
    anna.forged = True  # type: ignore[attr-defined]
    assert begin(anna).status_code == 400
    assert send(anna, address, PHOTO, 0).status_code == 400
    assert anna.delete(address).status_code == 400


@pytest.mark.parametrize(
    ("length", "status"),
    [(0, 422), (10 * 1024 * 1024 + 1, 413), (10**8, 413), ("-1", 400), ("x", 400), ("", 400), ("1e3", 400),
     ("9" * 40, 400), ("٣", 400)],
)  # fmt: skip
def test_lengths_that_cannot_be(anna: FlaskClient, app: Flask, length: int | str, status: int) -> None:
    assert anna.post(
        "/api/v1/uploads", headers={"Upload-Length": str(length).encode().decode("latin-1")}
    ).status_code == status  # fmt: skip
    assert parts(app) == []


@pytest.mark.parametrize("offset", ["", "x", "-1", "1.5", "9" * 40])
def test_offsets_that_cannot_be(anna: FlaskClient, offset: str) -> None:
    assert send(anna, begun(anna), PHOTO, offset).status_code == 400


def test_parts_are_of_their_own_kind(anna: FlaskClient) -> None:
    assert send(anna, begun(anna), PHOTO, 0, kind="image/jpeg").status_code == 415


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"no photo at all", 415, "photo_of_another_kind"),
     (b"\0\0\0\x18ftypheic" + b"\0" * 50, 415, "photo_heic"),
     (b"\0\0\0\x18ftypmif1heic" + b"\0" * 50, 415, "photo_heic"),
     (PHOTO[:HALF], 422, None), (header_of(10_000, 6_000), 422, None), (header_of(60_000, 60_000), 422, None)],
)  # fmt: skip
def test_what_is_no_photo_is_said_at_its_last_byte(
    anna: FlaskClient, app: Flask, content: bytes, status: int, code: str | None
) -> None:
    """HEIC, and 60 megapixels, told by the head of the file: nothing so large is unfolded."""
    answer = whole(anna, content)
    assert answer.status_code == status
    if code:
        assert answer.json["code"] == code
    else:
        assert "photo" in answer.json["errors"]
    assert parts(app) == []
    assert kept(app) == []


def test_60_megapixels_in_a_form_too(anna: FlaskClient) -> None:
    answer = anna.post(
        "/items/new",
        data={
            "title": "Échelle",
            "category": "perceuses",
            "photo": (io.BytesIO(header_of(10_000, 6_000)), "a.png"),
        },
    )
    assert answer.status_code == 422
    assert "40 millions de pixels" in answer.get_data(as_text=True).replace("\xa0", " ")


def test_a_day_later_it_is_gone(anna: FlaskClient, app: Flask, clock: Any) -> None:
    address = begun(anna)
    send(anna, address, PHOTO[:HALF], 0)
    clock.forward(hours=23)
    assert send(anna, address, PHOTO[HALF : HALF + 10], HALF).status_code == 200  # it still comes: kept on
    assert jobs.sweep_photos(now=clock.forward(hours=23)) == 0
    now = clock.forward(hours=2)
    assert anna.get(address).status_code == 410
    assert send(anna, address, PHOTO[HALF:], HALF).status_code == 410
    assert jobs.sweep_photos(now=now) == 1
    assert anna.get(address).status_code == 404
    assert parts(app) == []


def test_nobody_fills_the_disk(anna: FlaskClient, app: Flask, clock: Any) -> None:
    addresses = []
    for _ in range(uploads.AT_ONCE + 3):
        addresses.append(begun(anna))
        clock.forward(seconds=1)
    assert len(parts(app)) == uploads.AT_ONCE
    assert anna.get(addresses[0]).status_code == 404
    assert anna.get(addresses[-1]).status_code == 200


def test_another_photo_was_chosen(anna: FlaskClient, app: Flask) -> None:
    address = begun(anna)
    assert anna.delete(address).status_code == 204
    assert anna.get(address).status_code == 404
    assert parts(app) == []


def test_two_who_send_the_same_part_write_it_once(anna: FlaskClient, app: Flask) -> None:
    """A request that was given up may still be on its way when its successor comes."""
    address = begun(anna)
    name = address.rpartition("/")[2]
    folder, now = app.extensions["movilab.config"].folder, house_clock.now()
    owner = int(parts(app)[0].parent.name)
    gate = threading.Barrier(8)
    wrote = []

    def write() -> None:
        upload = uploads.find(name, owner_id=owner, folder=folder, now=now)
        gate.wait()
        try:
            uploads.append(upload, io.BytesIO(PHOTO[:HALF]), offset=0, now=now)
            wrote.append(True)
        except uploads.Conflict:
            wrote.append(False)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrote.count(True) == 1
    assert send(anna, address, PHOTO[HALF:], HALF).json["photo"]


def test_a_full_disk_is_said_and_loses_nothing(
    anna: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = begun(anna)
    send(anna, address, PHOTO[:HALF], 0)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_stamp", full)
        answer = send(anna, address, PHOTO[HALF : HALF + 5], HALF)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    at = anna.get(address).json["offset"]
    assert send(anna, address, PHOTO[at:], at).json["photo"]


def test_a_connection_that_is_cut_in_the_middle(
    anna: FlaskClient, app: Flask, gunicorn_server: Callable[..., WebServer]
) -> None:
    """Against the real server: what came before the cut is kept, and the rest is sent from there."""
    server = gunicorn_server(workers=2)
    where = urlsplit(server.url)
    resident = make.resident("Zoé")
    browser = make.log_in(app.test_client(), resident)
    headers = make.bearer(resident)
    address = begun(browser)
    cut = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    cut.putrequest("PATCH", address)
    for name, value in {**headers, "Content-Type": PART, "Upload-Offset": "0"}.items():
        cut.putheader(name, value)
    cut.putheader("Content-Length", str(len(PHOTO)))
    cut.endheaders()
    cut.send(PHOTO[:HALF])
    cut.sock.shutdown(2)
    cut.close()
    state = wait_for_offset(where.netloc, address, headers)
    assert state["offset"] <= HALF
    again = http.client.HTTPConnection(where.netloc, timeout=10)
    at = state["offset"]
    again.request("PATCH", address, PHOTO[at:], {**headers, "Content-Type": PART, "Upload-Offset": str(at)})
    answer = again.getresponse()
    assert answer.status == 200
    assert json.loads(answer.read())["photo"]


def wait_for_offset(netloc: str, address: str, headers: dict[str, str]) -> dict[str, Any]:
    connection = http.client.HTTPConnection(netloc, timeout=10)
    for _ in range(50):
        connection.request("GET", address, headers=headers)
        state: dict[str, Any] = json.loads(connection.getresponse().read())
        if state["offset"]:
            break
        threading.Event().wait(0.05)
    return state
