"""Photos that neighbours send: read by what they are, never by what they are called, made anew and kept small.

A photo is decoded, turned upright and encoded again as WebP in three sizes, so that nothing of the file that was
sent survives but its picture: no place, no name of a camera, nothing hidden behind it. The sizes stand under the
data folder as `photos/<2 hex>/<name>-<size>.webp`; the name is drawn anew each time and never comes again. What only
some may see stands under `private/` in the same way, where no public address reaches.
"""

import io
import re
import secrets
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.core.errors import Invalid, TooLarge, Unsupported

FORMATS = ("JPEG", "PNG", "WEBP")
SIZES = (320, 640, 1280)
"""Widths in pixels; a height is at most twice its width."""
LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
QUALITY = 80

Image.MAX_IMAGE_PIXELS = LARGEST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

_NAME = re.compile(r"^[0-9a-f]{32}$")
_FILE = re.compile(r"^([0-9a-f]{32})-(320|640|1280)\.webp$")
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


@dataclass(frozen=True)
class Stored:
    """A photo that stands in the data folder: its name, and width and height of its largest size."""

    name: str
    width: int
    height: int


def store(upload: IO[bytes], folder: Path) -> Stored:
    """Keep this photo under `folder` (the data folder) in all sizes.

    Raises `TooLarge` above 10 MB, `Unsupported` for what is no JPEG, PNG or WebP, `Invalid` ("photo") for what is
    damaged or holds more than 40 megapixels. The caller forgets the photo again if its transaction fails.
    """
    content = upload.read(LARGEST_BYTES + 1)
    if not content:
        raise Invalid({"photo": "core.photo_missing"})
    if len(content) > LARGEST_BYTES:
        raise TooLarge("core.too_large")
    picture = _decoded(content)
    stored = Stored(secrets.token_hex(16), *_within(*picture.size, SIZES[-1]))
    try:
        for size in SIZES:
            _write(path(stored.name, size, folder), _encoded(picture, size))
    except BaseException:
        forget(stored.name, folder)
        raise
    return stored


def forget(name: str, folder: Path) -> None:
    """Remove every size of this photo; what is gone already is no matter."""
    for size in SIZES:
        with suppress(OSError):
            path(name, size, folder).unlink()


def private(folder: Path) -> Path:
    """Where photos stand that only some may see."""
    return folder / "private"


def move(name: str, folder: Path, other: Path) -> None:
    """Let every size of this photo stand under `other` from now on. `FileNotFoundError` where it is gone."""
    for size in SIZES:
        target = path(name, size, other)
        target.parent.mkdir(parents=True, exist_ok=True)
        path(name, size, folder).replace(target)


def path(name: str, size: int, folder: Path) -> Path:
    """Where this size of the photo stands."""
    if not _NAME.match(name) or size not in SIZES:
        raise ValueError("not the name of a photo")
    return folder / "photos" / name[:2] / f"{name}-{size}.webp"


def known(name: str) -> bool:
    """Whether this can be the name of a photo at all."""
    return bool(_NAME.match(name))


def widths(width: int, height: int) -> list[tuple[int, int]]:
    """The sizes worth naming for a photo of these largest measures, each with its true width: small photos are
    never blown up, so that the larger sizes say nothing new."""
    worth: list[tuple[int, int]] = []
    for size in SIZES:
        true_width = _within(width, height, size)[0]
        if not worth or true_width > worth[-1][1]:
            worth.append((size, true_width))
    return worth


def written_before(moment: datetime, folder: Path) -> Iterator[str]:
    """The names of photos whose first size was written before `moment` (aware)."""
    for file in (folder / "photos").glob(f"??/*-{SIZES[0]}.webp"):
        match = _FILE.match(file.name)
        with suppress(OSError):
            if match and file.stat().st_mtime < moment.timestamp():
                yield match[1]


def _decoded(content: bytes) -> Image.Image:
    """The picture itself, upright, in plain RGB, with nothing beside it."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > LARGEST_PIXELS:
                raise Invalid({"photo": "core.photo_too_many_pixels"})
            opened.draft("RGB", (2 * SIZES[-1], 2 * SIZES[-1]))
            opened.load()
            return _plain(ImageOps.exif_transpose(opened))
    except UnidentifiedImageError as error:
        raise Unsupported(_why_not_read(content)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid({"photo": "core.photo_too_many_pixels"}) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, ArithmeticError) as error:
        raise Invalid({"photo": "core.photo_damaged"}) from error  # what Pillow's readers raise half-way


def _why_not_read(content: bytes) -> str:
    is_heic = content[4:8] == b"ftyp" and content[8:12] in _HEIC
    return "core.photo_heic" if is_heic else "core.photo_of_another_kind"


def _plain(picture: Image.Image) -> Image.Image:
    """RGB on white, its colours those of an ordinary screen, pixels only."""
    picture.thumbnail((2 * SIZES[-1], 4 * SIZES[-1]))
    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA", "P", "La", "RGBa"):
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture)
        picture = white
    elif profile and picture.mode in ("RGB", "CMYK", "L"):
        picture = _on_screen(picture, profile)
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    bare = Image.new("RGB", picture.size, "white")
    bare.paste(picture.convert("RGB"))
    return bare


def _on_screen(picture: Image.Image, profile: bytes) -> Image.Image:
    """The colours as sRGB, so that the profile need not be kept; as they are where it cannot be read."""
    try:
        turned = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    return turned or picture


def _within(width: int, height: int, size: int) -> tuple[int, int]:
    """The measures that fit into size × twice the size, never larger than they were."""
    scale = min(1.0, size / width, 2 * size / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _encoded(picture: Image.Image, size: int) -> bytes:
    small = picture.resize(_within(*picture.size, size), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()


def _write(target: Path, content: bytes) -> None:
    """The whole file or none: written aside, then given its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.part")
    try:
        aside.write_bytes(content)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
