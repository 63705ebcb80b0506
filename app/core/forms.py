"""Forms parse what was typed and show it again; what is right and wrong is said by the services."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField
from wtforms import Form as UnprotectedForm
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import TextInput

from app.core.errors import Invalid
from app.core.i18n import sentence
from app.core.text import one_line


class Wanted:
    """Marks a field that must be filled in, for eyes and screen readers; the service checks it."""

    field_flags = {"required": True}  # noqa: RUF012 -- WTForms reads it as a plain class attribute

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing to check here."""


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types, which is said here for all forms
    """What is filled in on a page and sent, with its token against forgery."""


class QueryForm(UnprotectedForm):  # type: ignore[misc]  # WTForms has no types
    """What is asked in an address: nothing is written, so it needs no token."""


def choices(*pairs: tuple[Any, Any]) -> list[Any]:
    """(value, label) pairs as WTForms wants to hear them."""
    return [SelectChoice(value, label) for value, label in pairs]


class DayField(DateField):  # type: ignore[misc]  # WTForms has no types
    """A day, or None; what is no day is said in our own words when the form is validated."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was typed, whatever it is."""
        if not any(valuelist):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(sentence("core.not_a_date")) from error


class CountField(IntegerField):  # type: ignore[misc]  # WTForms has no types
    """A whole number, or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was typed, whatever it is."""
        typed = "".join(valuelist).strip()
        self.data = None
        if typed:
            if not typed.isascii() or not typed.lstrip("-").isdigit() or len(typed) > 9:
                raise ValueError(sentence("core.not_a_number"))
            self.data = int(typed)


class ReadField(Field):  # type: ignore[misc]  # WTForms has no types
    """A line of text that is read as something else. What was typed stays in the field; what could not be read is
    told with the code `fault`."""

    widget = TextInput()
    unreadable = "core.invalid"
    fault = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = one_line(valuelist[0]) if valuelist else ""
        self.typed: str | None = typed
        self.data = None
        if typed:
            self.data = self.read(typed)
            self.fault = self.unreadable if self.data is None else ""

    def _value(self) -> str:
        typed = getattr(self, "typed", None)
        return typed if typed is not None else self.write(self.data)

    def read(self, typed: str) -> Any:
        raise NotImplementedError

    def write(self, data: Any) -> str:
        return "" if data is None else str(data)


class EuroField(ReadField):
    """Euros as people write them ("40", "3,50", "12.5 €"), cents inside."""

    unreadable = "core.not_money"

    def read(self, typed: str) -> int | None:
        plain = re.sub(r"[\s€]", "", typed).replace(",", ".")
        try:
            cents = Decimal(plain) * 100
        except InvalidOperation:
            return None
        fits = cents.is_finite() and abs(cents) < 10**11 and cents == cents.to_integral_value()
        return int(cents) if fits else None

    def write(self, data: Any) -> str:
        if data is None:
            return ""
        return str(data // 100) if data % 100 == 0 else f"{data / 100:.2f}".replace(".", ",")


class WholeField(ReadField):
    """A whole number."""

    unreadable = "core.not_a_number"

    def read(self, typed: str) -> int | None:
        return int(typed) if re.fullmatch(r"-?\d{1,9}", typed) and typed.isascii() else None


def show_faults(form: Form, invalid: Invalid) -> None:
    """Put each fault beside its field, in the reader's language; what belongs to no field stands above them."""
    for name, (code, params) in invalid.errors.items():
        said = sentence(code, params)
        field = form._fields.get(name)
        if field is None:
            form.form_errors.append(said)
        else:
            field.errors = [*field.errors, said]


def status(form: Form) -> int:
    """422 when something is to be mended, else 200."""
    return 422 if _any(form.errors.values()) else 200


def _any(values: Iterable[Any]) -> bool:
    return any(values)
