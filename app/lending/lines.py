"""How a loan is told to one reader: its state, its days in words, what can be done. Plain values for the templates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from app.core import ics
from app.core.db import db
from app.core.i18n import (
    _,
    format_clock,
    format_day,
    format_day_name,
    format_day_time,
    format_weekday,
    ngettext,
    sentence,
)
from app.hubs import queries as hub_queries
from app.hubs.models import Hub
from app.hubs.rules import LendingPolicy, OpenDays
from app.items import queries as item_queries
from app.items import shown
from app.items.models import Category, Item, Photo
from app.items.rules import Taken
from app.lending import policy, queries, rules
from app.lending.models import HOLDING, Loan
from app.lending.told import At, Told
from app.lending.told import hub as hub_told
from app.lending.waiting.queries import Waited

Side = Literal["borrower", "owner", "hub"]
STRIP_DAYS = 14
SHORT_WITHIN = 20
"""Days around today in which a weekday and its number say enough."""


def picture_url(photo: str | None, drawing: str) -> str:
    """The smallest photo, or the drawing that stands in for it."""
    return shown.photo_url(photo, "s") if photo else shown.drawing_url(drawing)


def pictures(item_ids: Collection[int]) -> dict[int, str]:
    """The small pictures of these objects, in one statement."""
    if not item_ids:
        return {}
    rows = db.session.execute(
        select(Item.id, Item.picture, Category.drawing, Photo.file)
        .join(Category, Category.id == Item.category_id)
        .outerjoin(Photo, and_(Photo.item_id == Item.id, Photo.position == 0))
        .where(Item.id.in_(item_ids))
    )
    return {row.id: picture_url(row.file, row.picture or row.drawing) for row in rows}


@dataclass(frozen=True)
class Place:
    """Where a loan is taken and brought back, as far as its days go; the same for all loans of one hub."""

    days: OpenDays
    policy: LendingPolicy
    today: date

    def opening_words(self, day: date) -> str:
        """ "14 h à 19 h"; empty where no hours are known or the day is closed."""
        openings = self.days.openings_on(day) if self.days.week else []
        return _(" et ").join(
            _("%(opens)s à %(closes)s", opens=format_clock(o.opens), closes=format_clock(o.closes))
            for o in openings
        )

    def closing_words(self, day: date) -> str:
        """ "19 h"; empty where no hours are known or the day is closed."""
        openings = self.days.openings_on(day) if self.days.week else []
        return format_clock(openings[-1].closes) if openings else ""


def place_of(hub: Hub | None, now: datetime) -> Place:
    """The place of loans at this hub, or at home."""
    days = hub_queries.open_days(hub)
    return Place(days, hub_queries.lending_policy(hub), days.today(now))


@dataclass(frozen=True)
class Around:
    """What the lines of a page share: places by hub (None: at home), pictures by object, and the claims, as far as they
    reach into today or later, of what is waited for."""

    places: Mapping[int | None, Place]
    pictures: Mapping[int, str]
    taken: Mapping[int, Sequence[Taken]]


def around(
    loans: Collection[Told], *, now: datetime, also: int | None = None, waited: Collection[Waited] = ()
) -> Around:
    """Hours and pictures for all these loans (and for the hub `also`), claims of what is waited for; in two statements
    at most."""
    hubs = {item.hub.id: item.hub for item in waited if item.hub is not None}
    hubs |= {loan.hub.id: loan.hub for loan in loans if loan.hub is not None}
    if also is not None and also not in hubs and (other := hub_told(also)) is not None:
        hubs[also] = other
    seen = {loan.item_id: picture_url(loan.item.photo, loan.item.drawing) for loan in loans}
    known = item_queries.days_of({item.id for item in waited}, hubs, now=now)
    return Around(_places_at(hubs, known, now=now), seen, known.taken)


def _places_at(
    hubs: Mapping[int, At], known: item_queries.DaysOf, *, now: datetime
) -> dict[int | None, Place]:
    """These hubs, and home (None), as places."""
    places: dict[int | None, Place] = {None: place_of(None, now)}
    for hub_id, hub in hubs.items():
        days = OpenDays(
            timezone=hub.timezone,
            week=tuple(known.week.get(hub.id, ())),
            closures=tuple(known.closures.get(hub.id, ())),
            country=hub.country if hub.closed_on_holidays else None,
            subdivision=hub.subdivision,
        )
        places[hub_id] = Place(days, hub.policy, days.today(now))
    return places


@dataclass(frozen=True)
class Line:
    """One loan for one reader. `acts`: the words of `policy.acts`. `closes`: the clock time by which it must be
    back, in words, empty where none is known."""

    loan: Any  # a `Loan` on its own page, a `Told` in lists
    side: Side
    place: Place
    acts: frozenset[str]
    picture: str

    @property
    def today(self) -> date:
        """The civil day at the loan's place."""
        return self.place.today

    @property
    def zone(self) -> str:
        """The time zone of the loan's place."""
        return self.place.days.timezone

    @property
    def closes(self) -> str:
        """By when on the due day."""
        return self.place.closing_words(self.loan.due)

    @property
    def renewals_allowed(self) -> int:
        """How many times it may be kept longer."""
        return self.place.policy.max_renewals

    @property
    def renewable(self) -> bool:
        """Whether "keep it longer" is offered."""
        return "renew" in self.acts

    @property
    def overdue_days(self) -> int:
        """Civil days after the due day; 0 while it is not late or not out."""
        return rules.overdue_days(self.loan.due, self.today) if self.loan.status == "checked_out" else 0

    @property
    def pick_up_words(self) -> str:
        """ "vendredi 27 novembre, 14 h à 19 h"."""
        return _joined(format_day(self.loan.first_day), self.place.opening_words(self.loan.first_day))

    @property
    def due_words(self) -> str:
        """ "mardi 1er décembre, avant 19 h"."""
        before = _("avant %(clock)s", clock=self.closes) if self.closes else ""
        return _joined(format_day(self.loan.due), before)

    @property
    def due_short(self) -> str:
        """The due day as short as it is clear: "vendredi 27"."""
        return short_day(self.loan.due, self.today)

    @property
    def first_short(self) -> str:
        """The first day as short as it is clear."""
        return short_day(self.loan.first_day, self.today)

    @property
    def answer_words(self) -> str:
        """Until when the owner can answer: "jeudi 26 novembre à 18 h", or a day's midnight."""
        return until_words(self.loan.answer_by, self.zone) if self.loan.answer_by else ""

    @property
    def lead(self) -> str:
        """The one sentence under the title: what to do next, or how it ended."""
        return _LEADS.get((self.side, self.loan.status), _no_lead)(self)


def short_day(day: date, today: date) -> str:
    """ "vendredi 27", "mardi 1er" · "Friday 27" in the weeks around today, else with its month."""
    if abs((day - today).days) > SHORT_WITHIN:
        return format_day(day)
    return format_weekday(day)


def until_words(at: datetime, zone: str) -> str:
    """A moment by which something must be done; midnight belongs to the day that ends."""
    local = at.astimezone(ZoneInfo(zone))
    if local.timetz().replace(tzinfo=None) == time(0):
        return _("%(day)s à minuit", day=format_day(local.date() - timedelta(days=1)))
    return format_day_time(at, zone)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def lines(
    loans: Sequence[Told], viewer_id: int, *, side: Side, now: datetime, shared: Around | None = None
) -> list[Line]:
    """Loans for a list, in which the viewer's side is known. `shared`: what `around` read for the whole page."""
    known = shared or around(loans, now=now)
    actor = policy.Actor(viewer_id, ("volunteer",) if side == "hub" else ())
    return [
        _line(loan, side, known.places[loan.hub_id], actor, known.pictures[loan.item_id]) for loan in loans
    ]


def _line(loan: Told, side: Side, place: Place, actor: policy.Actor, seen: str) -> Line:
    late = rules.overdue_days(loan.due, place.today)
    acts = policy.acts(
        queries.parties(loan),
        actor,
        given=loan.given_at is not None,
        back_given=loan.back_given_at is not None,
        renewable=late <= rules.RENEWABLE_WHILE_LATE and loan.renewals < place.policy.max_renewals,
    )
    return Line(loan, side, place, acts, seen)


def line(loan: Loan, viewer_id: int, *, now: datetime) -> Line:
    """One loan for its own page; a volunteer who is also a party reads it as the party."""
    side: Side = (
        "borrower" if viewer_id == loan.borrower_id else "owner" if viewer_id == loan.owner_id else "hub"
    )
    acts = queries.acts(loan, viewer_id, now=now)
    return Line(loan, side, place_of(loan.hub, now), acts, pictures({loan.item_id})[loan.item_id])


# -- the one sentence -------------------------------------------------------------------------------------


def _no_lead(_line: Line) -> str:
    return ""


def _wait_for_owner(line: Line) -> str:
    owner = line.loan.owner.name if line.loan.owner else ""
    if line.loan.answer_by is None:
        return _("%(owner)s doit répondre.", owner=owner)
    return _(
        "%(owner)s doit répondre, d’ici %(at)s.",
        owner=owner,
        at=line.answer_words,
    )


def _come_and_take(line: Line) -> str:
    loan = line.loan
    if loan.hub is None:
        return _(
            "%(owner)s a dit oui. Convenez de l’heure dans les messages.",
            owner=loan.owner.name if loan.owner else "",
        )
    if loan.pick_up_until:
        return _("On vous le garde encore, jusqu’au %(day)s.", day=format_day(loan.pick_up_until))
    day = _("aujourd’hui") if loan.first_day <= line.today else format_day(loan.first_day)
    if loan.item.shelf:
        return _(
            "%(title)s vous attend %(day)s, étagère %(shelf)s.",
            title=loan.item.title,
            day=day,
            shelf=loan.item.shelf,
        )
    return _("%(title)s vous attend %(day)s.", title=loan.item.title, day=day)


def _bring_back(line: Line) -> str:
    if line.overdue_days:
        return _("C’était attendu %(day)s. Quand passez-vous ?", day=format_day(line.loan.due))
    return _("À rendre %(when)s.", when=line.due_words)


def _answer(line: Line) -> str:
    return _(
        "%(name)s aimerait l’emprunter du %(first)s au %(due)s.",
        name=line.loan.borrower.name,
        first=format_day(line.loan.first_day),
        due=format_day(line.loan.due),
    )


def _comes_back(line: Line) -> str:
    if line.overdue_days:
        return str(ngettext("En retard de %(num)s jour.", "En retard de %(num)s jours.", line.overdue_days))
    return _("Revient %(day)s.", day=format_day(line.loan.due))


_LEADS = {
    ("borrower", "requested"): _wait_for_owner,
    ("borrower", "reserved"): _come_and_take,
    ("borrower", "checked_out"): _bring_back,
    ("borrower", "returned"): lambda _line: _("Bien revenu. Merci !"),
    ("borrower", "declined"): lambda _line: _("Pas possible cette fois. D’autres le prêtent peut-être, tout près."),
    ("borrower", "expired"): lambda _line: _("C’est resté sans suite. Réservez de nouveau quand vous voulez."),
    ("owner", "requested"): _answer,
    ("owner", "checked_out"): _comes_back,
    ("hub", "checked_out"): _comes_back,
}  # fmt: skip


# -- what happened ----------------------------------------------------------------------------------------


def history(loan: Loan, names: dict[int, str]) -> list[dict[str, Any]]:
    """What happened to the loan, oldest first: words, moment, who, why."""
    return [
        {
            "words": sentence(f"lending.history.{event.kind}"),
            "at": event.at,
            "who": names.get(event.actor_id or 0, ""),
            "why": _why(event.kind, event.why),
        }
        for event in loan.history
    ]


def _why(kind: str, why: str | None) -> str:
    if why and kind in _MOVED and (before := rules.period_of(why)) is not None:
        return _(
            "avant : du %(first)s au %(due)s", first=format_day(before.first_day), due=format_day(before.due)
        )
    if why and kind in ("expired", "lost", "cancelled") and f"lending.why.{why}" in _KNOWN_WHYS:
        return sentence(f"lending.why.{why}")
    return why or ""


_MOVED = frozenset(("days_changed", "days_moved", "due_moved"))
_KNOWN_WHYS = frozenset(
    f"lending.why.{word}" for word in ("unanswered", "not_collected", "not_in_house", "lost")
)


def next_steps(line: Line, *, card: str) -> list[tuple[str, str]]:
    """What follows a reservation, in three steps."""
    loan = line.loan
    remind = loan.due - timedelta(days=2)
    if loan.hub is None:
        return [
            (_("Convenez d’une heure"), _("L’adresse se dit dans les messages, entre vous deux.")),
            (_("Une fois en main, touchez « Je l’ai reçu »"), _("Ou scannez le code de l’objet.")),
            (
                _("On vous écrit %(day)s", day=format_day(remind)),
                _("Deux jours avant le retour, puis le matin même."),
            ),
        ]
    parts = sum(part.count for part in loan.item.parts)
    check = (
        ngettext("Vérifiez la pièce ensemble", "Vérifiez les %(num)s pièces ensemble", parts)
        if parts
        else _("On vous le tend, et c’est tout")
    )
    return [
        (_("Venez avec votre carte"), _("Ou son code sur votre téléphone : %(code)s", code=card)),
        (check, _("Une minute, au comptoir.")),
        (
            _("On vous écrit %(day)s", day=format_day(remind)),
            _("Deux jours avant le retour, puis le matin même."),
        ),
    ]


def strip(hand: Iterable[Line], coming: Iterable[Line], *, place: Place) -> list[dict[str, Any]]:
    """Two weeks at a glance: when something is to be fetched or brought back, and when the hub is shut."""
    backs = {line.loan.due for line in hand}
    outs = {line.loan.first_day for line in coming if line.loan.status == "reserved"}
    days = []
    for away in range(STRIP_DAYS):
        day = place.today + timedelta(days=away)
        note = _("retour") if day in backs else _("départ") if day in outs else _("auj.") if away == 0 else ""
        state = (
            "due"
            if day in backs or day in outs
            else "now"
            if away == 0
            else ""
            if place.days.is_open(day)
            else "shut"
        )
        days.append({"name": format_day_name(day), "number": day.day, "state": state, "note": note})
    return days


def happenings(line: Line, *, site: str, page: str) -> list[ics.Happening]:
    """The days of a loan for a calendar program: when to fetch it and when to bring it back."""
    loan = line.loan
    where = _joined(loan.hub.name, loan.hub.address) if loan.hub else ""
    words = _("Étagère %(shelf)s", shelf=loan.item.shelf) if loan.hub and loan.item.shelf else ""
    found = []
    if loan.status in ("requested", "reserved"):
        title = _("À prendre : %(title)s", title=loan.item.title)
        found.append(
            _happening(line, loan.first_day, f"loan-{loan.id}-out@{site}", title, where, words, page)
        )
    if loan.status in HOLDING:
        title = _("À rendre : %(title)s", title=loan.item.title)
        found.append(_happening(line, loan.due, f"loan-{loan.id}-back@{site}", title, where, "", page))
    return found


def _happening(
    line: Line, day: date, uid: str, title: str, where: str, words: str, page: str
) -> ics.Happening:
    days = line.place.days
    if days.week and days.is_open(day):
        return ics.Happening(uid, title, days.opens_at(day), days.closes_at(day), where, words, page)
    return ics.Happening(uid, title, day, day, where, words, page)
