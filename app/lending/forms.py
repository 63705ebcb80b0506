"""The forms of loans. What is right and wrong is said by the services; these only read what was typed."""

from datetime import date
from typing import Any

from wtforms import DateField, HiddenField, TextAreaField

from app.core.errors import Invalid
from app.core.forms import Form, Wanted
from app.core.i18n import _l
from app.items.forms import PhotoField

MESSAGE_LONGEST = 2000


class ReserveForm(Form):
    """The days, and a word for whoever answers. On the page the fields are named as in the API."""

    first = DateField(_l("À prendre"), [Wanted()], name="from")
    last = DateField(_l("À rendre"), [Wanted()], name="to")
    message = TextAreaField(_l("Un mot pour la personne qui prête"))


class DaysForm(Form):
    """The days that are wanted instead, named as in the API."""

    first = DateField(_l("À prendre"), [Wanted()], name="from")
    last = DateField(_l("À rendre"), [Wanted()], name="to")


class RenewForm(Form):
    """Until when, for who wants less than a whole period."""

    due = DateField(_l("Jusqu’au"), [Wanted()], name="to")


class MessageForm(Form):
    """One message to the other party: words, a photo, or both."""

    text = TextAreaField(_l("Votre message"), [Wanted()])
    photo = PhotoField(_l("Une photo"))
    staged = HiddenField()


def two_days(form: ReserveForm | DaysForm) -> tuple[date, date]:
    """The two days that were typed; `Invalid` by the names of the API."""
    faults: dict[str, str | tuple[str, dict[str, Any]]] = {}
    for field in (form.first, form.last):
        if field.data is None:
            faults[field.name] = "core.not_a_date" if (field.raw_data or [""])[0] else "core.required"
    if faults:
        raise Invalid(faults)
    return form.first.data, form.last.data


def by_field(invalid: Invalid) -> Invalid:
    """The same faults, by the fields of the two days: the API names them `from` and `to`."""
    fields = {"from": "first", "to": "last"}
    return Invalid({fields.get(name, name): what for name, what in invalid.errors.items()})
