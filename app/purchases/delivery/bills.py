"""A bill as it comes with a form: a PDF is kept as it is and never shown inside our pages, a photo is made anew as all
photos are. Both stand in the private folder, where no public address reaches."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Response, send_from_directory
from werkzeug.datastructures import FileStorage

from app.core import images
from app.core.errors import Invalid, TooLarge, Unsupported
from app.core.text import one_line
from app.items.pages import folder
from app.purchases.delivery.models import SupplierInvoice

BEGINS = b"%PDF-"


@dataclass(frozen=True)
class Bill:
    """A file in its place: its kind, its name there, and what it was called."""

    kind: str
    file: str
    title: str


@contextmanager
def kept(upload: FileStorage | None) -> Iterator[Bill]:
    """The file in its place while the act is written; gone again when the act is refused."""
    if not upload or not upload.filename:
        raise Invalid({"file": "delivery.invoice_missing"})
    title = one_line(upload.filename) or "facture"
    begins = upload.stream.read(len(BEGINS))
    upload.stream.seek(0)
    bill = Bill("pdf", _pdf(upload), title) if begins == BEGINS else Bill("photo", _photo(upload), title)
    try:
        yield bill
    except BaseException:
        _forget(bill)
        raise


def _pdf(upload: FileStorage) -> str:
    content = upload.stream.read(images.LARGEST_BYTES + 1)
    if len(content) > images.LARGEST_BYTES:
        raise TooLarge("core.too_large")
    name = secrets.token_hex(16)
    place = _pdf_place(name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_bytes(content)
    return name


def _photo(upload: FileStorage) -> str:
    try:
        return images.store(upload.stream, _place()).name
    except Unsupported as unsupported:
        raise Unsupported("delivery.invoice_kind") from unsupported


def _forget(bill: Bill) -> None:
    if bill.kind == "pdf":
        _pdf_place(bill.file).unlink(missing_ok=True)
    else:
        images.forget(bill.file, _place())


def _place() -> Path:
    """A folder of their own: of the private photos beside it, those that no loan shows are swept away."""
    return images.private(folder()) / "bills"


def _pdf_place(name: str) -> Path:
    return _place() / f"{name}.pdf"


def sent(invoice: SupplierInvoice) -> Response:
    """The file: a PDF to keep, a photo to look at."""
    if invoice.kind == "pdf":
        place = _pdf_place(invoice.file)
        name = f"{Path(invoice.title).stem}.pdf"
        answer = send_from_directory(
            place.parent.resolve(),
            place.name,
            mimetype="application/pdf",
            as_attachment=True,
            download_name=name,
        )
    else:
        place = images.path(invoice.file, images.SIZES[-1], _place())
        answer = send_from_directory(place.parent.resolve(), place.name, mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
