"""A photo that only the people of a loan may see: it comes with a form, as those of objects do, and is kept where no
public address reaches."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Response, send_from_directory, url_for
from flask_login import current_user

from app.core import images
from app.core.errors import Invalid, NotFound
from app.items import forms, shown
from app.items.pages import folder
from app.items.posting import sent_photo, waiting_photo
from app.lending import queries as lending
from app.lending.condition import queries

HOUR = 3600


def private_folder() -> Path:
    """Where they stand."""
    return images.private(folder())


@contextmanager
def kept(form: Any, loan_id: int) -> Iterator[images.Stored | None]:
    """The photo of this form (None without one), in its place while the act is written. When the act is refused the
    photo waits again, and the form carries its sign to the next try."""
    upload = sent_photo()
    if upload:
        lending.require_sight(loan_id, current_user.id)
    try:
        photo = images.store(upload.stream, folder()) if upload else waiting_photo(form.staged.data)
        if photo is not None:
            images.move(photo.name, folder(), private_folder())
    except Invalid:
        form.staged.data = ""  # so that the next try may go without
        raise
    except FileNotFoundError as gone:  # the same form was sent twice, and the other one was quicker
        form.staged.data = ""
        raise Invalid({"photo": "core.upload_unknown"}) from gone
    try:
        yield photo
    except BaseException:
        if photo is not None:
            images.move(photo.name, private_folder(), folder())
            form.staged.data = forms.stage(photo, resident_id=current_user.id)
        raise


def sent(loan_id: int, name: str, size: int, *, viewer_id: int) -> Response:
    """The file, `size` pixels wide at most, for one of the people of this loan: only their own browser keeps it, and
    not for long."""
    if not images.known(name):
        raise NotFound("items.photo_unknown")
    queries.require_photo(loan_id, name, viewer_id)
    file = images.path(name, size, private_folder())
    answer = send_from_directory(file.parent, file.name, mimetype="image/webp", max_age=HOUR)
    answer.headers["Cache-Control"] = f"private, max-age={HOUR}"
    return answer


def forget(name: str | None) -> None:
    """Its files, after the commit that no longer shows it."""
    if name is not None:
        images.forget(name, private_folder())


def address(loan_id: int, name: str, size: str = "m") -> str:
    """Where the people of this loan see it; size s, m or l."""
    return url_for("condition.photo", loan_id=loan_id, name=name, size=size)


def srcset(loan_id: int, name: str, width: int, height: int) -> str:
    """All its sizes, for the browser to choose."""
    letters = {pixels: letter for letter, pixels in shown.SIZES.items()}
    return ", ".join(
        f"{address(loan_id, name, letters[size])} {true}w" for size, true in images.widths(width, height)
    )
