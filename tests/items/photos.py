"""Photos as phones send them."""

import io
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image


def jpeg(size: tuple[int, int] = (1600, 1200), place: bool = True) -> bytes:
    """A photo that says where it was taken."""
    picture = Image.new("RGB", size, "teal")
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825)[1] = "N"
        exif[0x010F] = "Secret Camera"
    file = io.BytesIO()
    picture.save(file, "JPEG", exif=exif.tobytes())
    return file.getvalue()


def upload(content: bytes | None = None, name: str = "photo.jpg") -> tuple[Any, str]:
    """As a form field of the test client."""
    return io.BytesIO(jpeg() if content is None else content), name


def kept(app: Flask) -> list[Path]:
    """The files that stand in the data folder."""
    folder = app.extensions["movilab.config"].folder / "photos"
    return sorted(folder.glob("??/*.webp"))
