"""What is typed when hours are offered, when a shift is written down, when a mistake is put right."""

from datetime import time

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField, TimeField

from app.core.forms import CountField, DayField, Form, Wanted, choices
from app.core.i18n import _l

QUARTERS = ("0", "15", "30", "45")


class MomentField(TimeField):  # type: ignore[misc]  # WTForms has no types
    """A time of day, or None."""

    data: time | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """What is no time of day is None: the service asks for one."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None


class GiftForm(Form):
    to = RadioField(_l("À qui ?"), [Wanted()], validate_choice=False)
    code = StringField(_l("Le code de sa carte de membre"))
    hours = CountField(_l("Heures"))
    minutes = SelectField(
        _l("et minutes"),
        choices=choices(*((quarter, quarter) for quarter in QUARTERS)),
        validate_choice=False,
    )
    note = TextAreaField(_l("Un mot avec"))
    once = HiddenField()


class ShiftForm(Form):
    resident = SelectField(_l("Qui ?"), [Wanted()], validate_choice=False)
    day = DayField(_l("Quel jour ?"), [Wanted()])
    begins = MomentField(_l("À partir de"), [Wanted()])
    ends = MomentField(_l("Jusqu’à"), [Wanted()])
    note = StringField(_l("Ce qui a été fait"))


class ReverseForm(Form):
    note = TextAreaField(_l("Pourquoi ?"), [Wanted()])
