"""Forms parse what was typed and show it again; what is right and wrong is said by the services."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField
from wtforms.fields.choices import SelectChoice

from app.core.errors import Invalid
from app.core.i18n import sentence


class Wanted:
    """Marks a field that must be filled in, for eyes and screen readers; the service checks it."""

    field_flags = {"required": True}  # noqa: RUF012 -- WTForms reads it as a plain class attribute

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing to check here."""


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


class CountField(IntegerField):  # type: ignore[misc]
    """A whole number, or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was typed, whatever it is."""
        typed = "".join(valuelist).strip()
        self.data = None
        if typed:
            if not typed.isascii() or not typed.lstrip("-").isdigit() or len(typed) > 9:
                raise ValueError(sentence("core.not_a_number"))
            self.data = int(typed)


def show_faults(form: FlaskForm, invalid: Invalid) -> None:
    """Put each fault beside its field, in the reader's language; what belongs to no field stands above them."""
    for name, (code, params) in invalid.errors.items():
        said = sentence(code, params)
        field = form._fields.get(name)
        if field is None:
            form.form_errors.append(said)
        else:
            field.errors = [*field.errors, said]


def status(form: FlaskForm) -> int:
    """422 when something is to be mended, else 200."""
    return 422 if _any(form.errors.values()) else 200


def _any(values: Iterable[Any]) -> bool:
    return any(values)
