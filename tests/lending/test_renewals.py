"""Keeping it longer is one rule whichever way somebody asks: one table of cases, gone through on every path (rule 9)."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Resident
from app.core.db import db
from app.core.i18n import has_sentence, in_language, sentence
from app.hubs.models import Membership
from app.items.models import Item
from app.lending.models import Loan
from tests import factories
from tests.harness.clock import Clock

Answer = int | str
"""The due day in days from today where it is kept longer; the word of the refusal where it is not."""


class Case:
    """A hub that closes on Sundays (today is a Wednesday), with a fresh object and a fresh borrower."""

    def __init__(self, clock: Clock, hub: Any) -> None:
        self.today, self.hub = clock.now.date(), hub
        self.item: Item = factories.item(hub=hub)
        self.anna = factories.verified_member(hub)

    def day(self, ahead: int) -> date:
        return self.today + timedelta(days=ahead)

    def out(self, due: int = 2, **values: Any) -> Loan:
        """Out since a week ago; due on Friday unless told otherwise."""
        return factories.loan(
            self.item, self.anna, status="checked_out", first_day=self.day(-7), due=self.day(due), **values
        )

    def then(self, first: int, last: int) -> None:
        """Somebody has it reserved for these days."""
        factories.loan(
            self.item, factories.verified_member(self.hub), first_day=self.day(first), due=self.day(last)
        )


def plain(case: Case) -> Loan:
    return case.out()


def late(days: int) -> Callable[[Case], Loan]:
    return lambda case: case.out(due=-days)


def reserved_after(first: int, last: int) -> Callable[[Case], Loan]:
    def prepare(case: Case) -> Loan:
        case.then(first, last)
        return case.out()

    return prepare


def renewed(times: int) -> Callable[[Case], Loan]:
    return lambda case: case.out(renewals=times)


def other_late(case: Case) -> Loan:
    other = factories.item(hub=case.hub)
    factories.loan(other, case.anna, status="checked_out", first_day=case.day(-9), due=case.day(-1))
    return case.out()


def suspended(case: Case) -> Loan:
    tied = db.session.query(Membership).filter_by(resident_id=case.anna.id).one()
    factories.changed(tied, status="suspended")
    return case.out()


def too_many(case: Case) -> Loan:
    for _ in range(5):
        factories.loan(factories.item(hub=case.hub), case.anna)
    return case.out()


def short_object(case: Case) -> Loan:
    factories.changed(case.item, max_days=4)
    return case.out()


def rests(case: Case) -> Loan:
    """Three days of rest after each return, and a reservation in ten days."""
    factories.changed(case.item, buffer_days=3)
    case.then(10, 12)
    return case.out()


def retired(case: Case) -> Loan:
    factories.changed(case.item, status="retired")
    return case.out()


def returned(case: Case) -> Loan:
    return factories.loan(case.item, case.anna, status="returned", first_day=case.day(-7), due=case.day(2))


def only_reserved(case: Case) -> Loan:
    return factories.loan(case.item, case.anna, first_day=case.day(1), due=case.day(2))


def waited_for(case: Case) -> Loan:
    factories.place_in_line(case.item, factories.verified_member(case.hub))
    return case.out()


@dataclass(frozen=True)
class Row:
    """One line of the table. `to`: the day asked for, in days from today (None: a whole period)."""

    name: str
    prepare: Callable[[Case], Loan]
    answer: Answer
    to: int | None = None


TABLE = (
    Row("a whole period, from the due day on", plain, 16),
    Row("until a day within it", plain, 9, to=9),
    Row("until its last day", plain, 16, to=16),
    Row("longer than a period", plain, "renewable_at_most", to=17),
    Row("until a Sunday", plain, "closed_day", to=11),
    Row("no longer than it is", plain, "due_too_early", to=2),
    Row("due today", late(0), 14),
    Row("three days late, from today on", late(3), 14),
    Row("four days late", late(4), "too_late_to_renew"),
    Row("a period that would end on a Sunday goes on to Monday", lambda case: case.out(due=11), 26),
    Row("what is lent for four days", short_object, 6),
    Row("kept longer once before", renewed(1), 16),
    Row("kept longer twice before", renewed(2), "no_renewals_left"),
    Row("reserved in the period", reserved_after(8, 9), "renewable_until"),
    Row("reserved in the period, asked for less", reserved_after(8, 9), 6, to=6),
    Row("reserved in the period, asked for more", reserved_after(8, 9), "renewable_until", to=8),
    Row("days of rest before a reservation", rests, "renewable_until"),
    Row("days of rest before a reservation, asked for less", rests, 6, to=6),
    Row("reserved right after", reserved_after(3, 4), "reserved_next"),
    Row("reserved after the period", reserved_after(18, 19), 16),
    Row("somebody stands in line", waited_for, "queue"),
    Row("another object late", other_late, "overdue_elsewhere"),
    Row("suspended", suspended, "suspended"),
    Row("five others already", too_many, "too_many"),
    Row("an object that is lent no more", retired, "item_inactive"),
    Row("back already", returned, "not_out"),
    Row("not yet out", only_reserved, "not_out"),
)
WORDS = sorted({row.answer for row in TABLE if isinstance(row.answer, str)})


class Paths:
    """The ways to ask, each with what it answers in the same terms."""

    def __init__(self, client: FlaskClient, clock: Clock) -> None:
        self.app, self.clock = client.application, clock
        self.hub = factories.hub(weekdays=(0, 1, 2, 3, 4, 5))
        self.vera = factories.volunteer(self.hub, "Véra K.")
        self.counter = self._browser(self.vera)

    def page(self, case: Case, loan: Loan, to: date | None) -> Answer:
        return _said(self._browser(case.anna).post(f"/loans/{loan.id}/renew", data=_typed(to)))

    def page_of_several(self, case: Case, loan: Loan, to: date | None) -> Answer:
        browser = self._browser(case.anna)
        return _said(browser.post("/loans/renew", data={"loan": str(loan.id)}, follow_redirects=True))

    def at_the_counter(self, case: Case, loan: Loan, to: date | None) -> Answer:
        typed = {"hub": self.hub.slug, "loan": str(loan.id), **_typed(to)}
        answer = self.counter.post("/counter/renew", data=typed, follow_redirects=True)
        return _said(answer, of=case.anna.name)

    def api(self, case: Case, loan: Loan, to: date | None) -> Answer:
        return self._called(f"/api/v1/loans/{loan.id}/renew", case.anna, _typed(to))

    def api_for_somebody(self, case: Case, loan: Loan, to: date | None) -> Answer:
        return self._called(f"/api/v1/loans/{loan.id}/renew", self.vera, _typed(to))

    def api_of_several(self, case: Case, loan: Loan, to: date | None) -> Answer:
        body = {"loans": [str(loan.id)], **_typed(to)}
        answer = self.app.test_client().post(
            "/api/v1/loans/renew", json=body, headers=factories.bearer(case.anna)
        )
        line = answer.get_json()["items"][0]
        return _word(line["problem"]) if line["problem"] else self._days(line["loan"]["due"])

    def _browser(self, who: Resident) -> FlaskClient:
        return factories.log_in(self.app.test_client(), who)

    def _called(self, path: str, who: Resident, body: dict[str, str]) -> Answer:
        answer = self.app.test_client().post(path, json=body, headers=factories.bearer(who))
        told = answer.get_json()
        return self._days(told["due"]) if answer.status_code == 200 else _word(told)

    def _days(self, due: str) -> int:
        return (date.fromisoformat(due) - self.clock.now.date()).days


def _said(answer: Any, of: str = "") -> Answer:
    """What a page says, at the counter of somebody else; "done" where it names no refusal, so that only the loan
    itself can tell."""
    told = html.unescape(answer.get_data(as_text=True))
    with in_language("fr"):
        for word in WORDS:
            rooms = ["counter", "lending"] if of and has_sentence(f"counter.{word}") else ["lending"]
            if any(_beginning(word, room, name=of) in told for room in rooms):
                return word
    return "done"


def _typed(to: date | None) -> dict[str, str]:
    return {"to": to.isoformat()} if to else {}


def _word(problem: dict[str, Any]) -> str:
    """The one word of a refusal: of its blocker, or of what is wrong with the day."""
    if problem["code"] == "blocked":
        return str(problem["blockers"][0]["code"])
    if problem["code"] == "invalid":
        with in_language("fr"):
            return next(word for word in WORDS if problem["errors"]["to"][0].startswith(_beginning(word)))
    return str(problem["code"])


def _beginning(word: str, room: str = "lending", name: str = "") -> str:
    """A sentence up to its first parameter but the name."""
    others = ("latest", "days", "max", "due", "next", "first", "count", "induction")
    return sentence(f"{room}.{word}", {**dict.fromkeys(others, "\0"), "name": name}).partition("\0")[0]


WITHOUT_A_DAY = ("page_of_several", "at_the_counter")
"""Paths on which nobody says until when."""


@pytest.mark.by_turns
@pytest.mark.parametrize(
    "path", ["page", "page_of_several", "at_the_counter", "api", "api_for_somebody", "api_of_several"]
)
def test_one_table_whichever_way(client: FlaskClient, clock: Clock, path: str) -> None:
    paths = Paths(client, clock)
    for row in TABLE:
        if row.to is not None and path in WITHOUT_A_DAY:
            continue
        case = Case(clock, paths.hub)
        loan = row.prepare(case)
        before = (loan.due, loan.renewals, loan.claim.end_day)
        to = None if row.to is None else case.day(row.to)
        answer = getattr(paths, path)(case, loan, to)
        db.session.rollback()
        db.session.refresh(loan)
        if isinstance(row.answer, str):
            assert answer == row.answer, row.name
            assert (loan.due, loan.renewals, loan.claim.end_day) == before, row.name
        else:
            assert answer in ("done", row.answer), row.name
            assert ((loan.due - case.today).days, loan.renewals) == (row.answer, before[1] + 1), row.name
            assert loan.claim.end_day > loan.due, row.name


def test_one_that_cannot_be_does_not_hold_back_the_others(client: FlaskClient, clock: Clock) -> None:
    paths = Paths(client, clock)
    case = Case(clock, paths.hub)
    first, stranger = case.out(), Case(clock, paths.hub).out()
    spent = factories.loan(
        factories.item("Tente", hub=paths.hub), case.anna,
        status="checked_out", first_day=case.day(-7), due=case.day(2), renewals=2,
    )  # fmt: skip
    body = {"loans": [str(stranger.id), str(spent.id), str(first.id), str(first.id)]}
    answer = client.post("/api/v1/loans/renew", json=body, headers=factories.bearer(case.anna))
    lines = answer.get_json()["items"]
    assert [(line["id"], line["problem"] and line["problem"]["code"]) for line in lines] == [
        (str(stranger.id), "not_found"), (str(spent.id), "no_renewals_left"), (str(first.id), None),
    ]  # fmt: skip
    assert db.session.get_one(Loan, first.id).renewals == 1
    for wrong in ([], ["x"], [str(n) for n in range(101)]):
        told = client.post("/api/v1/loans/renew", json={"loans": wrong}, headers=factories.bearer(case.anna))
        assert told.status_code == 422, wrong
