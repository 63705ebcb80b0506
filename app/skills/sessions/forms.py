"""The forms of sessions. What is right and wrong is said by the services; these read what was typed: a day and an hour
on the clock of the place make a moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from wtforms import Field, RadioField, SelectField, StringField, TextAreaField, TimeField

from app.core.errors import Invalid
from app.core.forms import CountField, DayField, Form, Wanted, choices
from app.core.i18n import _, _l, sentence
from app.skills.sessions import rules

LENGTHS = (30, 45, 60, 90, 120, 180)
"""Minutes that are offered; a program may ask for others."""


class ClockField(TimeField):  # type: ignore[misc]  # WTForms has no types
    """A time of day, or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep what was typed, whatever it is."""
        if not any(valuelist):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(sentence("sessions.not_a_time")) from error


def moment(typed: str | None) -> datetime | None:
    """A time as the page offers it to choose; None for none. `Invalid` for what no page offers."""
    if not typed:
        return None
    try:
        found = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Invalid({"start": "sessions.not_proposed"}) from error
    if found.tzinfo is None:
        raise Invalid({"start": "sessions.not_proposed"})
    return found


class TimesForm(Form):
    """One to three times. The second and the third may stay empty."""

    day_0 = DayField(_l("Jour"), [Wanted()])
    time_0 = ClockField(_l("Heure"), [Wanted()], format=["%H:%M", "%H:%M:%S"])
    day_1 = DayField(_l("Autre jour"))
    time_1 = ClockField(_l("Heure"), format=["%H:%M", "%H:%M:%S"])
    day_2 = DayField(_l("Autre jour"))
    time_2 = ClockField(_l("Heure"), format=["%H:%M", "%H:%M:%S"])

    @property
    def rows(self) -> list[tuple[Field, Field]]:
        """The pairs of fields, in order."""
        return [(self[f"day_{at}"], self[f"time_{at}"]) for at in range(rules.MOST_TIMES)]

    def starts(self, zone: str) -> list[datetime]:
        """The moments that were typed, on the clock of `zone`; `Invalid` by the names of the fields."""
        self.validate()
        faults: dict[str, str | tuple[str, dict[str, Any]]] = {}
        found: list[datetime] = []
        for at, (day, clock) in enumerate(self.rows):
            if day.errors or clock.errors:
                continue
            if day.data is None or clock.data is None:
                if at == 0 or day.data is not None or clock.data is not None:
                    missing = day if day.data is None else clock
                    faults[missing.name] = "sessions.half_time"
                continue
            moment = rules.moment_at(day.data, clock.data, zone)
            if moment is None:
                faults[clock.name] = "sessions.no_such_time"
            else:
                found.append(moment)
        if faults or any(day.errors or clock.errors for day, clock in self.rows):
            raise Invalid(faults)
        return found

    def by_field(self, invalid: Invalid) -> Invalid:
        """The same faults beside the fields of this form: the services name times as the API does."""
        typed = [day.name for day, clock in self.rows if day.data is not None and clock.data is not None]
        names = {
            "start" if at == 0 else f"other_starts.{at - 1}": name.replace("day", "time")
            for at, name in enumerate(typed)
        }
        return Invalid({names.get(name, name): what for name, what in invalid.errors.items()})


class AskForm(TimesForm):
    """A session that is asked for."""

    place = RadioField(_l("Où ?"), [Wanted()], validate_choice=False)
    hub = SelectField(_l("Quel lieu-relais ?"), validate_choice=False)
    minutes = SelectField(_l("Durée"), [Wanted()], validate_choice=False, default="60")
    link = StringField(_l("Lien de la rencontre en ligne"))
    message = TextAreaField(_l("Un mot pour la personne"))

    def offer(self, places: Sequence[str], hubs: Sequence[tuple[str, str]]) -> None:
        """What can be chosen; where there is one place only, it is."""
        self.place.choices = choices(*((one, sentence(f"sessions.place.{one}")) for one in places))
        self.hub.choices = choices(*hubs)
        self.minutes.choices = choices(*((str(n), _("%(n)s minutes", n=n)) for n in LENGTHS))
        if not self.is_submitted() or len(places) == 1:
            self.place.data = self.place.data or places[0]

    @property
    def length(self) -> int:
        """The minutes that were chosen; 0, which nobody accepts, for anything else."""
        chosen = cast(str, self.minutes.data or "")
        return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 6 else 0


class ConfirmForm(Form):
    """How long it was."""

    minutes = CountField(_l("Minutes"), [Wanted()])


class DisputeForm(Form):
    """How long it was instead, and why."""

    minutes = CountField(_l("Minutes, d’après vous"), [Wanted()], id="dispute-minutes")
    why = TextAreaField(_l("Ce qui s’est passé"))


class SettleForm(Form):
    """How many minutes count, and why."""

    minutes = CountField(_l("Minutes qui comptent"), [Wanted()], id="settle-minutes")
    note = TextAreaField(_l("Ce que vous avez entendu, et pourquoi"), [Wanted()])


class LinkForm(Form):
    """Where to meet online."""

    link = StringField(_l("Lien de la rencontre"), [Wanted()])


class MessageForm(Form):
    """One message to the other one."""

    text = TextAreaField(_l("Votre message"), [Wanted()])
