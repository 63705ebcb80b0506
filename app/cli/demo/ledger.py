"""How a loan is written down whole: its claim, its dates, the line of each change, what was said and what was
reminded. Nothing is dated after yesterday evening, whatever the hour of loading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from random import Random
from typing import Any

from app.cli.demo.objects import Thing
from app.cli.demo.people import moment
from app.cli.demo.reading import Names
from app.cli.demo.rows import Rows
from app.hubs.rules import LendingPolicy
from app.items.models import Induction, ItemClaim
from app.items.rules import claim_end
from app.lending.models import Loan, LoanEvent, ReminderSent, RepairTicket
from app.lending.repairs.models import RepairStep
from app.lending.rules import LEVELS
from app.lending.waiting.models import PlaceInLine
from app.messages.models import Conversation, Message
from app.notifications.models import Notification
from app.notifications.rules import kept

DAY = timedelta(days=1)
TOLD_DAYS = 21
"""What is older than so many days was told long ago, and nobody's list of news holds it any more."""
READ_AFTER_DAYS = 4
CONDITIONS = {"damaged": "abîmé", "incomplete": "incomplet"}


@dataclass(frozen=True)
class Span:
    """The days of a loan, and how long (`end` not included) and whether its claim still holds the object."""

    first: date
    due: date
    end: date
    live: bool = False
    uncertain: bool = False


@dataclass(slots=True, eq=False)
class Draft:
    """A loan being written: the values of its row, and (kind, status, at, actor, why) of each line."""

    values: dict[str, Any]
    lines: list[tuple[str, str, datetime, int | None, str | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Told:
    """A loan as it was written, for whoever tells something about it."""

    id: int
    thing: Thing
    borrower_id: int
    first: date
    due: date


class Ledger:
    """Writes loans for given objects, people and days; which ones, others decide."""

    def __init__(
        self, *, rows: Rows, rng: Random, names: Names, residents: Sequence[str], today: date
    ) -> None:
        self.rows = rows
        self.rng = rng
        self.names = names
        self.residents = residents
        self.today = today
        self.yesterday = today - DAY
        self.news: list[dict[str, Any]] = []
        self._granted: set[tuple[int, str]] = set()

    # -- as it stands now -------------------------------------------------------------------------------------

    def waits(self, thing: Thing, resident_id: int, *, turn: int) -> None:
        """Stands in line for what somebody else has."""
        joined = moment(self.today - DAY, 18) + timedelta(minutes=7 * turn)
        self.rows.add(
            PlaceInLine,
            item_id=thing.id,
            resident_id=resident_id,
            turn=turn,
            status="waiting",
            joined_at=joined,
            lapses=0,
        )

    def in_hand(self, thing: Thing, borrower_id: int, *, first: date, due: date) -> Told:
        """Checked out and not back; a late one holds its object until the end of today."""
        late = due < self.today
        end = self.today + DAY if late else planned_end(first, due, thing)
        draft = self._collected(thing, borrower_id, Span(first, due, end, live=True, uncertain=late))
        out_at: datetime = draft.values["checked_out_at"]
        if late:
            missed = datetime.combine(due + DAY, time(0, 10), tzinfo=thing.days.zone)
            draft.lines.append(("overdue", "checked_out", missed, None, None))
        told = self._write(draft, thing, "checked_out")
        self._news(told, borrower_id, "checked_out", out_at, due=due)
        if thing.owner is not None:
            self._news(told, thing.owner.id, "lent_out", out_at, borrower=self._name(borrower_id), due=due)
        this_morning = datetime.combine(self.today, time(0), tzinfo=thing.days.zone)
        for level in LEVELS:
            at = level.moment(due, thing.days.zone)
            if out_at < at < this_morning:
                self.rows.add(ReminderSent, loan_id=told.id, due=due, level=level.name, at=at)
        return told

    def reserved(self, thing: Thing, borrower_id: int, *, first: date, due: date) -> Told:
        """Reserved for days to come."""
        draft = self._agreed(thing, borrower_id, Span(first, due, planned_end(first, due, thing), live=True))
        told = self._write(draft, thing, "reserved")
        days = {"first": first, "due": due}
        if thing.asks and thing.owner is not None:
            self._news(
                told, borrower_id, "approved", draft.values["reserved_at"], owner=thing.owner.name, **days
            )
        else:
            place = (thing.hub or thing.circle).name
            self._news(told, borrower_id, "reserved", draft.values["reserved_at"], place=place, **days)
        return told

    def asked(self, thing: Thing, borrower_id: int, *, first: date, due: date) -> Told:
        """Asked for yesterday evening; the owner has two days, or until the end of the first day."""
        at = moment(self.yesterday, 16, self.rng.randrange(150))
        span = Span(first, due, planned_end(first, due, thing), live=True)
        draft = self._asked(thing, borrower_id, span, at=at)
        told = self._write(draft, thing, "requested")
        self.say(told, at, (("b", self.rng.choice(self.names.request_messages)),))
        if thing.owner is not None:
            days = {"first": first, "due": due, "answer_by": draft.values["answer_by"]}
            self._news(told, thing.owner.id, "requested", at, borrower=self._name(borrower_id), **days)
        return told

    def in_repair(self, thing: Thing, borrower_id: int, *, first: date, back: date) -> None:
        """Came back broken to its hub; the open ticket holds the object from day to day. Of some nothing was done yet."""
        assert thing.hub is not None
        assert thing.broken is not None
        condition, note = thing.broken
        draft = self._collected(thing, borrower_id, Span(first, back, max(first + DAY, back)))
        self._brought_back(draft, thing, back, condition=condition, note=note)
        told = self._write(draft, thing, "returned")
        at = draft.values["checked_in_at"]
        done = (None, *self.names.repair_steps)[thing.id % (1 + len(self.names.repair_steps))]
        ticket_id = self.rows.add(
            RepairTicket,
            item_id=thing.id,
            loan_id=told.id,
            hub_id=thing.hub.id,
            claim_id=self.claim(thing, "repair", back, self.today + DAY, uncertain=True),
            condition=condition,
            note=note,
            state=done[0] if done else "assess",
            opened_at=at,
            opened_by_id=draft.values["checked_in_by_id"],
        )
        if done:
            step = dict(zip(("state", "note", "cents", "minutes"), done, strict=True))
            actor_id = draft.values["checked_in_by_id"]
            self.rows.add(
                RepairStep, ticket_id=ticket_id, at=at + timedelta(hours=1), actor_id=actor_id, **step
            )
        self._news(told, thing.circle.coordinator, "repair_opened", at, condition=CONDITIONS[condition])

    def claim(
        self, thing: Thing, kind: str, first: date, end: date, *, live: bool = True, uncertain: bool = False
    ) -> int:
        """Take the days [first, end) of an object; `uncertain` where nobody knows the end."""
        days = {"first_day": first, "end_day": end, "live": live, "uncertain": uncertain}
        return self.rows.add(ItemClaim, item_id=thing.id, kind=kind, **days)

    # -- as it ended ------------------------------------------------------------------------------------------

    def returned(self, thing: Thing, borrower_id: int, *, first: date, due: date, back: date) -> Told:
        """Out on its first day and back, early, in time or late."""
        end = max(first + DAY, back + timedelta(days=thing.buffer))
        draft = self._collected(thing, borrower_id, Span(first, due, end))
        note = self.rng.choice(self.names.return_notes) if self.rng.random() < 0.25 else None
        self._brought_back(draft, thing, back, condition="good", note=note)
        told = self._write(draft, thing, "returned")
        self._news(told, borrower_id, "returned", draft.values["checked_in_at"])
        if self.rng.random() < (0.6 if thing.asks else 0.04):
            self.say(told, draft.values["requested_at"], self.rng.choice(self.names.conversations))
        return told

    def declined(self, thing: Thing, borrower_id: int, *, first: date, due: date) -> None:
        """The owner said no."""
        assert thing.owner is not None
        draft = self._asked(thing, borrower_id, Span(first, due, first + DAY))
        at = draft.values["requested_at"] + timedelta(hours=2)
        self._end(
            draft, "declined", at, actor=thing.owner.id, why=self.rng.choice(self.names.decline_reasons)
        )
        self._write(draft, thing, "declined")

    def cancelled(self, thing: Thing, borrower_id: int, *, first: date, due: date) -> None:
        """The borrower called it off before the first day."""
        draft = self._agreed(thing, borrower_id, Span(first, due, first + DAY))
        self._end(draft, "cancelled", draft.values["reserved_at"] + timedelta(minutes=40), actor=borrower_id)
        self._write(draft, thing, "cancelled")

    def not_collected(self, thing: Thing, borrower_id: int, *, first: date, due: date) -> None:
        """Nobody came for it."""
        draft = self._agreed(thing, borrower_id, Span(first, due, first + DAY))
        kept = min(thing.days.next_open(first + DAY), due)
        draft.values["pick_up_until"] = kept
        self._end(draft, "expired", thing.days.at(kept, 121), actor=None, why="not_collected")
        self._write(draft, thing, "expired")

    # -- what goes with it ------------------------------------------------------------------------------------

    def grant(self, resident_id: int, induction: str, at: datetime, *, by: int) -> None:
        """Somebody was shown how this is used; once is enough."""
        if (resident_id, induction) not in self._granted:
            self._granted.add((resident_id, induction))
            self.rows.add(Induction, resident_id=resident_id, name=induction, granted_at=at, granted_by_id=by)

    def say(self, told: Told, since: datetime, talk: Iterable[tuple[str, str]]) -> None:
        """A conversation about a loan, an answer every dozen minutes; objects of hubs are talked of with the
        coordinator."""
        other = told.thing.owner.id if told.thing.owner else told.thing.circle.coordinator
        conversation = self.rows.add(Conversation, subject_kind="loan", subject_id=told.id, created_at=since)
        for at, (who, text) in enumerate(talk):
            self.rows.add(
                Message,
                conversation_id=conversation,
                author_id=told.borrower_id if who == "b" else other,
                text=text,
                at=since + timedelta(minutes=1 + 12 * at),
            )

    def _news(self, told: Told, resident_id: int, kind: str, at: datetime, **params: object) -> None:
        """What this resident was told on the site, unless it is old."""
        if at < moment(self.today - timedelta(days=TOLD_DAYS), 0):
            return
        seen = at < moment(self.today - timedelta(days=READ_AFTER_DAYS), 0)
        self.news.append(
            {
                "resident_id": resident_id,
                "kind": f"lending.{kind}",
                "params": kept({"item": told.thing.title, "zone": str(told.thing.days.zone), **params}),
                "path": f"/loans/{told.id}",
                "key": f"loan:{told.id}:{kind}",
                "created_at": at,
                "read_at": at + timedelta(hours=2) if seen else None,
            }
        )

    def tell(self) -> None:
        """Write what everybody was told, in the order in which it happened: lists show the latest number first."""
        for told in sorted(self.news, key=itemgetter("created_at")):
            self.rows.add(Notification, **told)
        self.news.clear()

    def _name(self, resident_id: int) -> str:
        return self.residents[resident_id - 1]

    # -- step by step -----------------------------------------------------------------------------------------

    def _begun(self, thing: Thing, borrower_id: int, span: Span, *, at: datetime) -> Draft:
        if thing.induction is not None:
            self.grant(borrower_id, thing.induction, at - timedelta(days=2), by=thing.circle.coordinator)
        claim = self.claim(thing, "loan", span.first, span.end, live=span.live, uncertain=span.uncertain)
        return Draft(
            {
                "item_id": thing.id,
                "borrower_id": borrower_id,
                "owner_id": thing.owner.id if thing.owner else None,
                "hub_id": thing.hub.id if thing.hub else None,
                "claim_id": claim,
                "first_day": span.first,
                "due": span.due,
                "requested_at": at,
                "deposit_cents": thing.deposit_cents,
            }
        )

    def _asked(self, thing: Thing, borrower_id: int, span: Span, *, at: datetime | None = None) -> Draft:
        """The owner was asked."""
        at = at or self._some_days_before(span.first)
        draft = self._begun(thing, borrower_id, span, at=at)
        until = min(
            at + timedelta(hours=LendingPolicy().request_hours), thing.days.rules.closes_at(span.first)
        )
        draft.values["answer_by"] = until
        draft.lines.append(("requested", "requested", at, borrower_id, None))
        return draft

    def _agreed(self, thing: Thing, borrower_id: int, span: Span) -> Draft:
        """Reserved at once at a hub, or when the owner said yes."""
        if thing.asks and thing.owner is not None:
            draft = self._asked(thing, borrower_id, span)
            at = draft.values["requested_at"] + timedelta(minutes=self.rng.randrange(10, 110))
            draft.lines.append(("approved", "reserved", at, thing.owner.id, None))
        else:
            at = self._some_days_before(span.first)
            draft = self._begun(thing, borrower_id, span, at=at)
            draft.lines.append(("reserved", "reserved", at, borrower_id, None))
        draft.values["reserved_at"] = at
        return draft

    def _collected(self, thing: Thing, borrower_id: int, span: Span) -> Draft:
        """In the borrower's hands on the first day: handed over by somebody of the hub, or by the owner."""
        at = thing.days.at(span.first, self.rng.randrange(5, 55))
        walk_in = not thing.asks and thing.hub is not None and self.rng.random() < 0.3
        if walk_in:
            draft = self._begun(thing, borrower_id, span, at=at)
            draft.values["walk_in"] = True
        else:
            draft = self._agreed(thing, borrower_id, span)
        if thing.hub is None:
            by = borrower_id
            draft.values.update(given_at=at, received_at=at + timedelta(minutes=2))
        else:
            by = self._volunteer(thing, borrower_id)
        draft.values.update(
            checked_out_at=at,
            checked_out_by_id=by,
            due_set_at=at,
            condition_out="good",
            deposit_received_cents=thing.deposit_cents,
        )
        draft.lines.append(("checked_out", "checked_out", at, by, None))
        return draft

    def _brought_back(
        self, draft: Draft, thing: Thing, back: date, *, condition: str, note: str | None
    ) -> None:
        at = thing.days.at(back, self.rng.randrange(60, 115))
        borrower_id: int = draft.values["borrower_id"]
        if thing.hub is None:
            by = thing.owner.id if thing.owner else borrower_id
            draft.values["back_given_at"] = at - timedelta(minutes=3)
        else:
            by = self._volunteer(thing, borrower_id)
        draft.values.update(checked_in_at=at, checked_in_by_id=by, condition_in=condition)
        if condition == "good":
            draft.values["deposit_returned_cents"] = thing.deposit_cents
        self._end(draft, "returned", at, actor=by, why=note)

    def _end(
        self, draft: Draft, status: str, at: datetime, *, actor: int | None, why: str | None = None
    ) -> None:
        draft.values["ended_at"] = at
        draft.lines.append((status, status, at, actor, why))

    def _write(self, draft: Draft, thing: Thing, status: str) -> Told:
        number = self.rows.add(Loan, **draft.values, status=status)
        for kind, after, at, actor, why in draft.lines:
            self.rows.add(
                LoanEvent,
                loan_id=number,
                at=at,
                kind=kind,
                status=after,
                actor_id=actor,
                hub_id=thing.hub.id if thing.hub else None,
                why=why,
            )
        values = draft.values
        return Told(number, thing, values["borrower_id"], values["first_day"], values["due"])

    def _volunteer(self, thing: Thing, borrower_id: int) -> int:
        return self.rng.choice([one for one in thing.circle.staff if one != borrower_id])

    def _some_days_before(self, first: date) -> datetime:
        day = min(first - timedelta(days=self.rng.randrange(1, 7)), self.yesterday)
        return moment(day, 9, self.rng.randrange(540))


def planned_end(first: date, due: date, thing: Thing) -> date:
    """The end (not taken) of a claim for these days, with the turnaround of the place and the object's buffer."""
    return claim_end(first, due, turnaround_days=thing.turnaround, buffer_days=thing.buffer)
