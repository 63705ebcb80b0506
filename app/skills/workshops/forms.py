"""What is typed about workshops: plain choices, and the clock on the wall of the hub."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField

from app.core.errors import Invalid
from app.core.forms import CountField, DayField, Form, Wanted, choices
from app.core.i18n import _l
from app.skills.workshops import rhythm
from app.skills.workshops.models import Workshop
from app.skills.workshops.services.editing import KEEP_RULE
from app.skills.workshops.wording import hours

FIELDS = {"start": "day", "minutes": "ends", "rule": "repeat"}
"""What the services call what these forms ask for in another way."""
PAID = (0, 30, 60, 90, 120, 150, 180, 240, 300, 360, 480)


class DateForm(Form):
    """What can be said of one date alone."""

    day = DayField(_l("Jour"), [Wanted()])
    begins = StringField(_l("De"), [Wanted()])
    ends = StringField(_l("À"), [Wanted()])
    capacity = CountField(_l("Nombre de places"), [Wanted()])
    newcomer_places = CountField(
        _l("Dont gardées pour une première fois"),
        description=_l("Jusqu’à 48 h avant, pour celles et ceux qui ne sont jamais venus."),
    )
    facilitator = SelectField(_l("Qui anime ?"), [Wanted()])
    note = TextAreaField(_l("Un mot pour cette date"))


class WorkshopForm(Form):
    """A workshop, whole."""

    was: Mapping[str, Any]
    title = StringField(_l("Titre"), [Wanted()])
    text = TextAreaField(_l("De quoi s’agit-il ?"))
    learn = TextAreaField(_l("Ce qu’on apprend"), description=_l("Une chose par ligne."))
    bring = TextAreaField(_l("À apporter"))
    room = StringField(_l("Salle"))
    day = DayField(_l("Jour"), [Wanted()])
    begins = StringField(_l("De"), [Wanted()])
    ends = StringField(_l("À"), [Wanted()])
    repeat = SelectField(_l("Se répète"))
    last_day = DayField(_l("Jusqu’au"), description=_l("Sans date, l’atelier continue."))
    capacity = CountField(_l("Nombre de places"), [Wanted()])
    newcomer_places = CountField(
        _l("Dont gardées pour une première fois"),
        description=_l("Jusqu’à 48 h avant, pour celles et ceux qui ne sont jamais venus."),
    )
    facilitator = SelectField(_l("Qui anime ?"), [Wanted()])
    paid = SelectField(_l("Heures données à qui anime"))
    induction = SelectField(
        _l("Formation donnée"), description=_l("Qui est venu pourra emprunter les objets qui la demandent.")
    )
    objects = SelectMultipleField(
        _l("Objets à réserver ce jour-là"), description=_l("Ils ne seront pas prêtés ces jours-là.")
    )

    def offer(
        self,
        people: Sequence[tuple[int, str]],
        objects: Sequence[tuple[int, str, str | None]],
        *,
        was: Mapping[str, Any] | None = None,
    ) -> None:
        """What there is to choose from; `was`: what the form began with, which stays a choice."""
        self.was = was or {}
        paid = sorted({*PAID[1:], int(self.was.get("paid", 0))} - {0})
        keep = self.was.get("repeat") == KEEP_RULE
        self.facilitator.choices = choices(*((str(number), name) for number, name in people))
        self.objects.choices = choices(*((str(number), title) for number, title, _induction in objects))
        known = sorted(
            {str(name) for name in (*(one[2] for one in objects), self.was.get("induction")) if name}
        )
        self.induction.choices = choices(("", _l("Aucune")), *((name, name) for name in known))
        self.paid.choices = choices(("0", _l("Aucune")), *((str(m), hours(m)) for m in paid))
        self.repeat.choices = choices(*_REPEAT, *([(KEEP_RULE, _l("comme maintenant"))] if keep else []))

    def said(self) -> dict[str, Any]:
        """As the services want to hear it; `Invalid` for what cannot be read."""
        refuse_unread(self)
        start, minutes = when(self)
        rhythm_now = (self.repeat.data, self.last_day.data)
        kept = bool(self.was) and rhythm_now == (self.was["repeat"], self.was["last_day"])
        rule = rhythm.of_choice(self.repeat.data or "once", start, last_day=self.last_day.data)
        return {
            "title": self.title.data,
            "text": self.text.data,
            "learn": (self.learn.data or "").splitlines(),
            "bring": self.bring.data,
            "room": self.room.data,
            "start": start,
            "minutes": minutes,
            "rule": KEEP_RULE if kept else rule.text if rule else None,
            "capacity": self.capacity.data,
            "newcomer_places": self.newcomer_places.data or 0,
            "facilitator_id": chosen(self.facilitator),
            "facilitator_minutes": chosen(self.paid),
            "induction": self.induction.data or None,
            "item_ids": [int(number) for number in self.objects.data or () if _known(self.objects, number)],
        }


_REPEAT = (
    ("once", _l("une seule fois")),
    ("weekly", _l("chaque semaine")),
    ("fortnightly", _l("toutes les deux semaines")),
    ("monthly", _l("chaque mois, même jour de la semaine")),
)


def said_of_one(form: DateForm) -> dict[str, Any]:
    """What is said of one date, as the services want to hear it."""
    refuse_unread(form)
    start, minutes = when(form)
    return {
        "start": start,
        "minutes": minutes,
        "capacity": form.capacity.data,
        "newcomer_places": form.newcomer_places.data or 0,
        "facilitator_id": chosen(form.facilitator),
        "note": form.note.data,
    }


def refuse_unread(form: Any) -> None:
    """A day that is no day, a number that is none: each says so beside its field."""
    unread = [field for field in form if field.process_errors]
    for field in unread:
        field.errors = list(field.process_errors)
    if unread:
        raise Invalid({})


def when(form: Any) -> tuple[datetime, int]:
    """The wall clock of the start, and how many minutes; past midnight is the next day."""
    faults: dict[str, str | tuple[str, dict[str, Any]]] = {}
    if form.day.data is None:
        faults["day"] = "core.required"
    first, last = _clock(form.begins.data), _clock(form.ends.data)
    for field, at in ((form.begins, first), (form.ends, last)):
        if at is None:
            faults[field.name] = "workshops.not_a_time" if field.data else "core.required"
    if faults or first is None or last is None:
        raise Invalid(faults)
    start = datetime.combine(form.day.data, first)
    end = datetime.combine(form.day.data, last)
    if end <= start:
        end += timedelta(days=1)
    return start, int((end - start) / timedelta(minutes=1))


def _clock(text: str | None) -> time | None:
    try:
        return time.fromisoformat((text or "").strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def chosen(field: Any) -> int:
    """The number that was chosen, of those that were offered."""
    if not _known(field, field.data):
        raise Invalid({field.name: "core.not_a_choice"})
    return int(field.data)


def _known(field: Any, value: str | None) -> bool:
    return any(value == choice.value for choice in field.choices)


def by_field(invalid: Invalid) -> Invalid:
    """The same faults under the names of the form."""
    return Invalid({FIELDS.get(name, name): fault for name, fault in invalid.errors.items()})


def as_typed(workshop: Workshop, *, of_series: bool) -> Mapping[str, Any]:
    """A date and its series, as the form shows them; `of_series`: what holds for all its dates, not what was said of
    this one alone."""
    series, zone = workshop.series, workshop.hub.timezone
    numbers = series if of_series else workshop
    first, last = rhythm.wall(workshop.starts_at, zone), rhythm.wall(workshop.ends_at, zone)
    if of_series:
        last = first + timedelta(minutes=series.minutes)
    rule = rhythm.kept(series.rule)
    choice = rhythm.choice_of(rule)
    return {
        "title": series.title,
        "text": series.text,
        "learn": "\n".join(series.learn),
        "bring": series.bring,
        "room": series.room,
        "day": first.date(),
        "begins": f"{first:%H:%M}",
        "ends": f"{last:%H:%M}",
        "repeat": KEEP_RULE if choice == "other" else choice,
        "last_day": rule.until.date() if rule is not None and rule.until is not None else None,
        "capacity": numbers.capacity,
        "newcomer_places": numbers.newcomer_places,
        "facilitator": str(numbers.facilitator_id),
        "paid": str(series.facilitator_minutes),
        "induction": series.induction or "",
        "objects": [str(need.item_id) for need in series.needs],
        "note": workshop.note,
    }
