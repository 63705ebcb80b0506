"""Photos: what is read, what is refused with which word, and what of the file survives (its picture, nothing else)."""

import io
import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from app.core import images
from app.core.errors import Invalid, Problem, TooLarge, Unsupported

ORIENTATION, GPS = 0x0112, 0x8825


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (1600, 1200), mode: str = "RGB", **options: object
) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    picture = Image.new(mode, size, "red")
    picture.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def with_place(kind: str = "JPEG", orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "Secret Camera"
    place = exif.get_ifd(GPS)
    rational = TiffImagePlugin.IFDRational
    place[1], place[2] = "N", (rational(44), rational(41), rational(51))
    place[3], place[4] = "E", (rational(5), rational(11), rational(47))
    return photo(kind, exif=exif.tobytes(), icc_profile=None, xmp=b"<x:xmpmeta>secret place</x:xmpmeta>")


def kept(content: bytes, folder: Path) -> images.Stored:
    return images.store(io.BytesIO(content), folder)


def opened(stored: images.Stored, size: int, folder: Path) -> Image.Image:
    return Image.open(images.path(stored.name, size, folder))


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_in_three_sizes_as_webp(kind: str, tmp_path: Path) -> None:
    stored = kept(photo(kind), tmp_path)
    assert (stored.width, stored.height) == (1280, 960)
    for size in images.SIZES:
        picture = opened(stored, size, tmp_path)
        assert (picture.format, picture.size) == ("WEBP", (size, size * 3 // 4))
    assert len(files(tmp_path)) == 3
    assert images.path(stored.name, 320, tmp_path).parent == tmp_path / "photos" / stored.name[:2]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_where_and_with_what_it_was_taken_is_gone(kind: str, tmp_path: Path) -> None:
    sent = with_place(kind)
    assert b"Secret Camera" in sent
    assert b"secret place" in sent
    stored = kept(sent, tmp_path)
    for file in files(tmp_path):
        content = file.read_bytes()
        for trace in (b"EXIF", b"Exif", b"XMP ", b"secret", b"Secret", b"GPS", b"ICCP"):
            assert trace not in content
        with Image.open(file) as picture:
            assert dict(picture.getexif()) == {}
            assert "exif" not in picture.info
    assert stored.width == 1280


def test_a_photo_held_sideways_is_shown_upright(tmp_path: Path) -> None:
    stored = kept(with_place(orientation=6), tmp_path)  # to be turned a quarter to the right
    picture = opened(stored, 320, tmp_path).convert("RGB")
    assert picture.height > picture.width
    top, bottom = picture.getpixel((160, 20)), picture.getpixel((160, picture.height - 20))
    assert (top[0] > 200, top[2] < 60) == (True, True)
    assert (bottom[2] > 200, bottom[0] < 60) == (True, True)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "RGBA"),
        ("PNG", "LA"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
    ],
)
def test_every_way_of_writing_colours_is_read(kind: str, mode: str, tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new(mode, (900, 600)).save(file, kind)
    stored = kept(file.getvalue(), tmp_path)
    assert opened(stored, 640, tmp_path).mode == "RGB"


def test_what_shines_through_stands_on_white(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(file, "PNG")
    stored = kept(file.getvalue(), tmp_path)
    assert min(opened(stored, 320, tmp_path).getpixel((50, 50))) > 250


def test_a_small_photo_is_never_blown_up(tmp_path: Path) -> None:
    stored = kept(photo(size=(500, 400)), tmp_path)
    assert (stored.width, stored.height) == (500, 400)
    assert images.widths(500, 400) == [(320, 320), (640, 500)]
    assert images.widths(200, 150) == [(320, 200)]
    assert images.widths(1280, 960) == [(320, 320), (640, 640), (1280, 1280)]
    tiny = kept(photo(size=(1, 1)), tmp_path)
    assert (tiny.width, tiny.height) == (1, 1)


def test_a_very_tall_photo_stays_within_bounds(tmp_path: Path) -> None:
    stored = kept(photo(size=(100, 9000)), tmp_path)
    assert stored.height <= 2 * 1280
    assert stored.width >= 1


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is this large; its data are one empty line."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "problem", "word"),
    [
        (b"", Invalid, "photo_missing"),
        (b"this is a text, called photo.jpg", Unsupported, "photo_of_another_kind"),
        (SVG, Unsupported, "photo_of_another_kind"),
        (b"%PDF-1.7\n", Unsupported, "photo_of_another_kind"),
        (photo("GIF"), Unsupported, "photo_of_another_kind"),
        (photo("TIFF"), Unsupported, "photo_of_another_kind"),
        (photo("BMP"), Unsupported, "photo_of_another_kind"),
        (HEIC, Unsupported, "photo_heic"),
        (HEIC.replace(b"heic", b"avif"), Unsupported, "photo_heic"),
        (photo()[:3000], Invalid, "photo_damaged"),
        (photo("PNG")[:600], Invalid, "photo_damaged"),
        (photo("WEBP")[:400], Invalid, "photo_damaged"),
        (png_of(100, 100), Invalid, "photo_damaged"),
        (png_of(8000, 6000), Invalid, "photo_too_many_pixels"),
        (png_of(60000, 60000), Invalid, "photo_too_many_pixels"),
        (b"\xff\xd8" + b"\0" * 10 * 1024 * 1024, TooLarge, "too_large"),
    ],
    ids=(
        "empty text svg pdf gif tiff bmp heic avif half-jpeg half-png half-webp one-line-png large-png huge-png 11-MB"
    ).split(),
)
def test_what_is_no_photo_is_refused_and_nothing_is_left(
    content: bytes, problem: type[Problem], word: str, tmp_path: Path
) -> None:
    with pytest.raises(problem) as refused:
        kept(content, tmp_path)
    said = refused.value.errors["photo"][0] if isinstance(refused.value, Invalid) else refused.value.code
    assert said == f"core.{word}"
    assert files(tmp_path) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_damage_to_a_photo_is_more_than_a_refusal(kind: str, tmp_path: Path) -> None:
    whole = bytearray(photo(kind, size=(200, 150)))
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        hurt = bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            stored = kept(hurt, tmp_path)
        except Problem:
            assert files(tmp_path) == []
        else:
            assert len(files(tmp_path)) == len(images.SIZES)
            images.forget(stored.name, tmp_path)


def test_a_full_disk_leaves_no_half_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if "-1280" in target.name:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        kept(photo(), tmp_path)
    assert files(tmp_path) == []


def test_a_photo_is_forgotten_whole_and_twice_is_no_harm(tmp_path: Path) -> None:
    stored = kept(photo(), tmp_path)
    images.forget(stored.name, tmp_path)
    images.forget(stored.name, tmp_path)
    assert files(tmp_path) == []


def test_the_same_photo_twice_has_two_names(tmp_path: Path) -> None:
    assert kept(photo(), tmp_path).name != kept(photo(), tmp_path).name


def test_old_photos_are_found_by_when_they_were_written(tmp_path: Path) -> None:
    stored = kept(photo(), tmp_path)
    now = datetime.now(UTC)
    assert list(images.written_before(now + timedelta(minutes=1), tmp_path)) == [stored.name]
    assert list(images.written_before(now - timedelta(minutes=1), tmp_path)) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 31, "g" * 32, "A" * 32, "a" * 33])
def test_only_names_given_here_are_names(name: str, tmp_path: Path) -> None:
    assert not images.known(name)
    with pytest.raises(ValueError, match="not the name"):
        images.path(name, 320, tmp_path)
