"""What is sent as a photo: only the picture of a real one is kept, and nothing of what is none."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.accounts.models import Resident
from app.core.db import db
from app.items.models import Item, Photo
from tests import factories

GPS, MAKER = 0x8825, 0x010F


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo that tells where it was taken, and by what."""
    image = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    exif[MAKER] = "MAKER-OF-THE-CAMERA"
    exif[GPS] = {1: "N", 2: (44.0, 41.0, 51.0), 3: "E", 4: (5.0, 11.0, 47.0)}
    file = io.BytesIO()
    image.save(file, kind, exif=exif, **({"comment": b"WHO-TOOK-IT"} if kind == "JPEG" else {}))
    return file.getvalue()


def bomb() -> bytes:
    """A small PNG that unfolds into 60,000 × 60,000 pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


NO_PHOTOS = {
    "a text": (b"bonjour", 415),
    "HTML": (b"<html><script>alert(1)</script></html>", 415),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 415),
    "a script": (b"<?php system($_GET['x']); ?>", 415),
    "GIF": (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,", 415),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", 415),
    "ZIP": (b"PK\x03\x04" + b"\x00" * 60, 415),
    "half a JPEG": (picture()[:2000], 422),
    "the head of a PNG": (b"\x89PNG\r\n\x1a\n", 415),
    "nothing": (b"", 422),
    "a bomb": (bomb(), 422),
    "11 MB": (picture() + b"\x00" * (11 * 1024 * 1024), 413),
    "13 MB": (b"\x00" * (13 * 1024 * 1024), 413),
}


@pytest.fixture
def ladder(app: Flask) -> Item:
    return factories.item("Échelle", owner=factories.resident("Basil C."))


@pytest.fixture
def owner(client: FlaskClient, ladder: Item) -> FlaskClient:
    return factories.log_in(client, db.session.get_one(Resident, ladder.owner_resident_id))


def kept(app: Flask) -> list[Path]:
    folder = app.extensions["movilab.config"].folder / "photos"
    return [file for file in folder.rglob("*") if file.is_file()]


def send(browser: FlaskClient, path: str, content: bytes, name: str = "photo.jpg", **typed: str) -> int:
    sent = browser.post(
        path, data={**typed, "photo": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    return sent.status_code


@pytest.mark.parametrize("kind", NO_PHOTOS)
def test_what_is_no_photo_is_refused_and_not_kept(
    app: Flask, owner: FlaskClient, ladder: Item, kind: str
) -> None:
    """Whatever it calls itself; in the form of a new object, of an old one, and by program."""
    content, status = NO_PHOTOS[kind]
    path = f"/items/{ladder.id}/photos"
    assert send(owner, path, content) == status
    assert send(owner, f"/api/v1{path}", content) == status
    new = send(owner, "/items/new", content, title="Échelle", category="x", mode="lend")
    assert new in (status, 422, 413)
    assert kept(app) == []
    assert db.session.query(Photo).count() == 0


@pytest.mark.parametrize(
    "name", ["../../../wsgi.py", "/etc/passwd", "a\x00.jpg", "x" * 300 + ".jpg", "con.jpg", "<b>.jpg"]
)
def test_the_name_of_a_file_says_nothing(app: Flask, owner: FlaskClient, ladder: Item, name: str) -> None:
    assert send(owner, f"/items/{ladder.id}/photos", picture(), name) == 302
    photo = db.session.query(Photo).one()
    folder = app.extensions["movilab.config"].folder / "photos"
    assert all(folder in file.parents and file.name.startswith(photo.file) for file in kept(app))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_is_kept(app: Flask, owner: FlaskClient, ladder: Item, kind: str) -> None:
    """No place, no camera, no comment, and not what was hung behind the picture."""
    trailer = b"<script>alert('behind')</script>"
    assert send(owner, f"/items/{ladder.id}/photos", picture(kind) + trailer) == 302
    files = kept(app)
    assert len(files) == 3
    for file in files:
        content = file.read_bytes()
        assert not any(word in content for word in (b"MAKER", b"WHO-TOOK-IT", b"script", b"Exif", b"EXIF"))
        with Image.open(file) as image:
            assert image.format == "WEBP"
            assert not image.getexif()


def test_a_photo_is_served_as_a_picture_and_nothing_else_is(
    app: Flask, owner: FlaskClient, ladder: Item
) -> None:
    send(owner, f"/items/{ladder.id}/photos", picture())
    name = db.session.query(Photo).one().file
    answer = owner.get(f"/photos/{name}/m.webp")
    assert answer.status_code == 200
    assert answer.content_type == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in (
        f"/photos/{name}/x.webp",
        f"/photos/{name[:-1]}g/m.webp",
        "/photos/..%2f..%2fsecret_key/m.webp",
        "/photos/%2e%2e/m.webp",
        "/photos/../../secret_key",
        f"/photos/{name}/..%2f..%2f..%2fsecret_key.webp",
    ):
        assert owner.get(path).status_code in (400, 404), path
