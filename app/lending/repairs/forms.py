"""What is typed about repairs. What is right and wrong is said by the services."""

from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField

from app.core.errors import Invalid
from app.core.forms import EuroField, Form, Wanted, WholeField, choices
from app.core.i18n import _l
from app.items.models import Item


class BeginForm(Form):
    """What is wrong with an object on its shelf."""

    condition = RadioField(
        _l("Qu’est-ce qui ne va pas ?"),
        [Wanted()],
        choices=choices(("damaged", _l("Abîmé")), ("incomplete", _l("Il manque une pièce"))),
        validate_choice=False,
    )
    missing = SelectMultipleField(_l("Ce qui manque"), validate_choice=False)
    note = TextAreaField(_l("En quelques mots"))

    def offer(self, item: Item) -> None:
        """The parts that may be missing."""
        self.missing.choices = choices(*((part.name, part.name) for part in item.parts))


class StepForm(Form):
    """What was done, and where the repair stands now."""

    state = RadioField(_l("Où cela en est"), validate_choice=False)
    note = TextAreaField(_l("Ce qui a été fait"))
    cents = EuroField(_l("Euros, cette fois"))
    minutes = WholeField(_l("Minutes, cette fois"))
    paid_by = StringField(_l("Qui paie"))

    def said(self) -> dict[str, Any]:
        """What the service is told; `Invalid` for a sum or a number that cannot be read."""
        faults = {field.name: field.fault for field in (self.cents, self.minutes) if field.fault}
        if faults:
            raise Invalid(faults)
        return {
            "state": self.state.data or None,
            "note": self.note.data,
            "cents": self.cents.data,
            "minutes": self.minutes.data,
            "paid_by": self.paid_by.data,
        }


class DepositForm(Form):
    """What of the deposit goes back to whoever left it."""

    returned = EuroField(_l("Caution rendue, en euros"), [Wanted()])

    def given_back(self) -> int:
        """In cents; `Invalid` for no sum."""
        if self.returned.data is None:
            raise Invalid({"returned": self.returned.fault or "core.required"})
        return int(self.returned.data)
