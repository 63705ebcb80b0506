"""Residents, hubs, objects and loans for tests, in one line each.

Plain functions that write rows (no service is called, so a factory never depends on what is being tested) and
commit. They need an application context: ask for the fixture `app` or `client`. Every argument has a default; rows
that a row needs are made with it.

    anna = verified_member(hub := hub())
    drill = item(hub=hub)
    client = log_in(client, anna)
"""

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from flask.testing import FlaskClient

from app.accounts.models import ApiToken, BrowserSession, Resident
from app.core import clock, codes
from app.core.db import Base, db, transaction
from app.core.tokens import fingerprint, new_token
from app.counter.offline.models import ScanToSettle
from app.geo import places
from app.geo.rules import HOME_M, PUBLISHED_M, cell
from app.home.calendar.models import CalendarLink
from app.hubs.models import Closure, Hub, Membership, OpeningHours, Territory
from app.items.imports.models import ImportBatch, ImportRow
from app.items.labels.models import BlankSticker, StickerSheet
from app.items.models import Category, Item, ItemClaim, Part
from app.items.saved.models import SavedSearch
from app.lending.card_deposits.models import CardDeposit, DamageClaim
from app.lending.condition.models import ConditionNote
from app.lending.models import HOLDING, Loan, RepairTicket
from app.lending.transfers.models import Transfer
from app.lending.waiting.models import PlaceInLine
from app.payments.cards.models import PaymentAttempt, SavedCard
from app.purchases.models import Campaign, CampaignOrganizer, PickUpSlot, Product, ProductTier
from app.reports.models import Report
from app.skills.ledger.models import EARNING, TimeAccount, TimeEntry, TimeTransfer
from app.skills.models import Availability, Skill, SkillCategory
from app.skills.rings.models import Ring, RingLeg
from app.skills.sessions.models import SessionLine, SessionTime, SkillSession
from app.skills.sessions.rules import OPEN as OPEN_SESSIONS
from app.skills.workshops import line, rhythm
from app.skills.workshops.models import Attendee, Workshop, WorkshopNeed, WorkshopSeries

Row = TypeVar("Row", bound=Base)

SAILLANS = (44.6975, 5.1965)
PASSWORD = "correct-horse-battery"
_numbers = itertools.count(1)


def stored(row: Row) -> Row:
    """Write one row (and what hangs on it), and commit."""
    with transaction() as session:
        session.add(row)
    return row


def changed(row: Row, **values: Any) -> Row:
    """Write other values into a stored row, and commit."""
    with transaction() as session:
        row = session.merge(row)
        for name, value in values.items():
            setattr(row, name, value)
    return row


def resident(
    name: str | None = None,
    *,
    home: tuple[float, float] | None = SAILLANS,
    confirmed: bool = True,
    **values: Any,
) -> Resident:
    """Somebody with a confirmed address and a home in Saillans. No password: see `log_in` and `bearer`."""
    number = next(_numbers)
    now = values.pop("created_at", None) or clock.now()
    place = cell(*home, HOME_M) if home else None
    return stored(
        Resident(
            **{
                "name": name or f"Habitante {number}",
                "email": f"habitante{number}@example.org",
                "email_confirmed_at": now if confirmed else None,
                "code": str(codes.new(codes.MEMBER)),
                "home_lat": place.lat if place else None,
                "home_lon": place.lon if place else None,
                "created_at": now,
                **values,
            }
        )
    )


def steward(name: str | None = None, **values: Any) -> Resident:
    """A resident who looks after the whole installation."""
    return resident(name, is_steward=True, **values)


def territory(name: str = "Saillans", insee_code: str | None = None, **values: Any) -> Territory:
    return stored(
        Territory(
            **{
                "name": name,
                "insee_code": insee_code or f"26{next(_numbers):03}",
                "kind": "commune",
                **values,
            }
        )
    )


def hub(
    name: str | None = None,
    *,
    opens: time | None = time(9),
    closes: time = time(19),
    weekdays: tuple[int, ...] = tuple(range(7)),
    place: tuple[float, float] = SAILLANS,
    policy: dict[str, Any] | None = None,
    **values: Any,
) -> Hub:
    """A published hub, open every day from 9 to 19 h, public holidays too; `opens=None`: no hours known.
    `policy` holds what differs from the defaults, e.g. `{"max_loans": 2}`."""
    number = next(_numbers)
    week = [OpeningHours(weekday=day, opens=opens, closes=closes) for day in weekdays] if opens else []
    return stored(
        Hub(
            **{
                "slug": f"lieu-{number}",
                "name": name or f"Lieu {number}",
                "kind": "community_house",
                "address": "1 place de la République, 26340 Saillans",
                "lat": place[0],
                "lon": place[1],
                "policy_changes": policy or {},
                "closed_on_holidays": False,
                "opening_hours": week,
                "created_at": clock.now(),
                **values,
            }
        )
    )


def closure(hub: Hub, first_day: date, last_day: date | None = None, why: str = "Congés") -> Closure:
    return stored(Closure(hub_id=hub.id, first_day=first_day, last_day=last_day or first_day, why=why))


def membership(
    hub: Hub, resident: Resident, *, status: str = "verified", roles: tuple[str, ...] = (), **values: Any
) -> Membership:
    """`roles`: any of volunteer, organizer, coordinator."""
    now = clock.now()
    return stored(
        Membership(
            **{
                "hub_id": hub.id,
                "resident_id": resident.id,
                "status": status,
                "joined_at": now,
                "verified_at": now if status != "pending" else None,
                "suspended_at": now if status == "suspended" else None,
                **{f"is_{role}": True for role in roles},
                **values,
            }
        )
    )


def verified_member(hub: Hub, name: str | None = None, **values: Any) -> Resident:
    """A resident who was verified at this hub, and may reserve there."""
    member = resident(name, **values)
    membership(hub, member)
    return member


def served(hub: Hub, name: str | None = None, **values: Any) -> Resident:
    """A member without e-mail, verified in person, for whom the volunteers of this hub act."""
    now = clock.now()
    return verified_member(
        hub, name, email=None, email_confirmed_at=None, verified_in_person_at=now, **values
    )


def volunteer(hub: Hub, name: str | None = None, **values: Any) -> Resident:
    member = resident(name, **values)
    membership(hub, member, roles=("volunteer",))
    return member


def coordinator(hub: Hub, name: str | None = None, **values: Any) -> Resident:
    member = resident(name, **values)
    membership(hub, member, roles=("coordinator",))
    return member


def category(slug: str | None = None, **values: Any) -> Category:
    number = next(_numbers)
    return stored(
        Category(
            **{
                "slug": slug or f"rayon-{number}",
                "name_fr": f"Rayon {number}",
                "name_en": f"Shelf {number}",
                "drawing": "boite-outils",
                **values,
            }
        )
    )


def item(
    title: str = "Perceuse visseuse",
    *,
    hub: Hub | None = None,
    owner: Resident | None = None,
    parts: tuple[tuple[str, int], ...] = (),
    **values: Any,
) -> Item:
    """An object that can be lent: of `hub` when only the hub is given, of `owner` and kept at home when only the
    owner is given, of `owner` and left at `hub` when both are. With neither, a hub is made."""
    if hub is None and owner is None:
        hub = _a_hub()
    home = (owner.home_lat, owner.home_lon) if owner and owner.home_lat and owner.home_lon else SAILLANS
    here = (hub.lat, hub.lon) if hub else home
    published = (hub.lat, hub.lon, 0) if hub else _cell(here, PUBLISHED_M)
    far = places.coarse(published[0], published[1])
    coarse = here if hub else (far.lat, far.lon)
    now = values.pop("created_at", None) or clock.now()
    if "category_id" not in values:
        values["category_id"] = category().id
    return stored(
        Item(
            **{
                "code": str(codes.new(codes.ITEM)),
                "title": title,
                "owner_resident_id": owner.id if owner else None,
                "owner_hub_id": None if owner or hub is None else hub.id,
                "hub_id": hub.id if hub else None,
                "lat": published[0],
                "lon": published[1],
                "precision_m": published[2],
                "coarse_lat": coarse[0],
                "coarse_lon": coarse[1],
                "parts": [Part(name=part, count=n, position=i) for i, (part, n) in enumerate(parts)],
                "created_at": now,
                "updated_at": now,
                **values,
            }
        )
    )


def skill_category(slug: str | None = None, **values: Any) -> SkillCategory:
    number = next(_numbers)
    return stored(
        SkillCategory(
            **{
                "slug": slug or f"branche-{number}",
                "name_fr": f"Branche {number}",
                "name_en": f"Branch {number}",
                "drawing": "savoir-faire",
                **values,
            }
        )
    )


def skill(
    resident: Resident,
    title: str = "Bouturer ses géraniums",
    *,
    kind: str = "offer",
    hub: Hub | None = None,
    times: tuple[tuple[int, int, int], ...] = (),
    **values: Any,
) -> Skill:
    """What a resident can teach (or, `kind="need"`, wants to learn): at this hub, or around her home. `times` are
    (weekday, opens, closes) in minutes of the day; none for any time."""
    home = (resident.home_lat or SAILLANS[0], resident.home_lon or SAILLANS[1])
    lat, lon, precision_m = (hub.lat, hub.lon, 0) if hub else _cell(home, PUBLISHED_M)
    far = places.coarse(lat, lon)
    now = values.pop("created_at", None) or clock.now()
    if "category_id" not in values:
        values["category_id"] = skill_category().id
    return stored(
        Skill(
            **{
                "resident_id": resident.id,
                "kind": kind,
                "title": title,
                "at_hub": True,
                "hub_id": hub.id if hub else None,
                "lat": lat,
                "lon": lon,
                "precision_m": precision_m,
                "coarse_lat": lat if hub else far.lat,
                "coarse_lon": lon if hub else far.lon,
                "availability": [Availability(weekday=day, opens=a, closes=z) for day, a, z in times],
                "created_at": now,
                "updated_at": now,
                **values,
            }
        )
    )


def calendar_link(resident: Resident) -> str:
    """The token of the link under which programs read her calendar."""
    token = new_token()
    stored(CalendarLink(resident_id=resident.id, token_hash=fingerprint(token), made_at=clock.now()))
    return token


def ring(*people: tuple[Skill, Skill], **values: Any) -> Ring:
    """A ring that is proposed: each neighbour by her offer and her need, teaching the next, the last the first."""
    number, now = next(_numbers), clock.now()
    return stored(
        Ring(
            **{
                "signature": f"ring-{number}",
                "proposed_at": now,
                "answer_by": now + timedelta(days=10),
                **values,
            },
            legs=[
                RingLeg(
                    position=at,
                    giver_id=offer.resident_id,
                    learner_id=people[(at + 1) % len(people)][1].resident_id,
                    offer_id=offer.id,
                    need_id=people[(at + 1) % len(people)][1].id,
                )
                for at, (offer, _need) in enumerate(people)
            ],
        )
    )


def kit(title: str = "Soirée raclette", *, of: tuple[Item, ...], **values: Any) -> Item:
    """A kit made of these objects, kept where the first of them is."""
    made = item(title, hub=of[0].hub, **values)
    for at, one in enumerate(of):
        stored(Part(item_id=made.id, name=one.title, position=at, object_id=one.id))
    return made


def claim(item: Item, first_day: date, end_day: date, kind: str = "own", **values: Any) -> ItemClaim:
    """Days of an object, `end_day` not included."""
    return stored(
        ItemClaim(**{"item_id": item.id, "kind": kind, "first_day": first_day, "end_day": end_day, **values})
    )


def blank_sticker(hub: Hub, made_by: Resident, **values: Any) -> BlankSticker:
    """A sticker of a hub that waits for its object."""
    sheet = stored(StickerSheet(hub_id=hub.id, made_by_id=made_by.id, made_at=clock.now(), count=1))
    return stored(BlankSticker(**{"code": str(codes.new_blank()), "sheet_id": sheet.id, **values}))


def import_batch(
    hub_id: int | None, made_by_id: int, *, status: str = "ready", good: int = 1, bad: int = 0, **values: Any
) -> ImportBatch:
    """A table that was read, with so many rows that can be posted (each on a shelf of its own) and to be mended."""
    batch = stored(
        ImportBatch(
            **{
                "hub_id": hub_id,
                "made_by_id": made_by_id,
                "confirmed_by_id": made_by_id if status != "ready" else None,
                "file_name": "objets.csv",
                "digest": f"{next(_numbers):064}",
                "kind": "own",
                "header": ["Titre", "Rayon"],
                "ignored": ["Couleur"],
                "status": status,
                "good": good,
                "bad": bad,
                "made_at": clock.now(),
                "confirmed_at": clock.now() if status != "ready" else None,
                "ended_at": clock.now() if status == "done" else None,
                **values,
            }
        )
    )
    for number in range(2, 2 + good + bad):
        fine = number < 2 + good
        stored(
            ImportRow(
                batch_id=batch.id,
                number=number,
                status="good" if fine else "bad",
                title=f"Objet {number}" if fine else "",
                cells=[f"Objet {number}" if fine else "", "Rayon"],
                fields={"title": f"Objet {number}", "category": category().slug} if fine else {},
                faults=[] if fine else [["title", "core.required", {}]],
            )
        )
    return batch


def loan(
    item: Item,
    borrower: Resident,
    *,
    status: str = "reserved",
    first_day: date | None = None,
    due: date | None = None,
    **values: Any,
) -> Loan:
    """A loan in any status, with its claim: from today for a week unless told otherwise. The claim ends the day
    after `due` and the object's buffer, and is live while the status holds the days."""
    now = clock.now()
    first_day = first_day or clock.day_at(now, "Europe/Paris")
    due = due or first_day + timedelta(days=7)
    end_day = max(first_day, due + timedelta(days=item.buffer_days)) + timedelta(days=1)
    taken = claim(item, first_day, end_day, "loan", live=status in HOLDING)
    moments: dict[str, datetime] = {"requested_at": now}
    if status not in ("requested", "declined"):
        moments["reserved_at"] = now
    if status in ("checked_out", "returned", "lost"):
        moments |= {"checked_out_at": now, "due_set_at": now}
    if status not in HOLDING:
        moments["ended_at"] = now
    if status == "returned":
        moments["checked_in_at"] = now
    return stored(
        Loan(
            **{
                "item_id": item.id,
                "borrower_id": borrower.id,
                "owner_id": item.owner_resident_id,
                "hub_id": item.hub_id,
                "claim_id": taken.id,
                "status": status,
                "first_day": first_day,
                "due": due,
                **moments,
                **values,
            }
        )
    )


def session(
    skill: Skill,
    asker: Resident,
    *,
    status: str = "accepted",
    starts_at: datetime | None = None,
    **values: Any,
) -> SkillSession:
    """A session that this neighbour asked for, an hour long, two days from now (`starts_at`); in any status. Nothing
    stands in the ledger for it."""
    now = clock.now()
    start = starts_at or now + timedelta(days=2)
    offer = skill.kind == "offer"
    agreed = status not in ("asked", "declined", "expired")
    made = SkillSession(
        **{
            "skill_id": skill.id,
            "asker_id": asker.id,
            "giver_id": skill.resident_id if offer else asker.id,
            "learner_id": asker.id if offer else skill.resident_id,
            "place": "hub" if skill.hub_id else "online",
            "hub_id": skill.hub_id,
            "minutes": 60,
            "status": status,
            "proposed_by_id": asker.id if status == "asked" else None,
            "proposed_at": now if status == "asked" else None,
            "times": [SessionTime(starts_at=start)] if status == "asked" else [],
            "starts_at": start if agreed else None,
            "ends_at": start + timedelta(hours=1) if agreed else None,
            "agreed_at": now if agreed else None,
            "moved_minutes": 60 if status == "confirmed" else None,
            "disputed_at": now if status == "disputed" else None,
            "heard_at_id": skill.hub_id if status == "disputed" else None,
            "ended_at": None if status in OPEN_SESSIONS else now,
            "created_at": now,
            **values,
        }
    )
    stored(made)
    stored(SessionLine(session_id=made.id, at=now, kind="asked", actor_id=asker.id, minutes=made.minutes))
    return made


def meetings(owner: Resident, asker: Resident, hub: Hub) -> dict[str, str]:
    """A lesson of the owner's at this hub, and sessions that were asked for it, agreed, and not agreed on: their numbers,
    as the addresses of the house name them."""
    lesson = skill(owner, "Tailler un rosier", hub=hub)
    yesterday = clock.now() - timedelta(days=1)
    made = {
        "meeting": session(lesson, asker),
        "meeting_asked": session(lesson, asker, status="asked"),
        "meeting_disputed": session(
            lesson, asker, status="disputed", starts_at=yesterday, giver_minutes=90, learner_minutes=60
        ),
    }
    return {"skill_of_owner": str(lesson.id), **{name: str(one.id) for name, one in made.items()}}


def place_in_line(item: Item, resident: Resident, *, status: str = "waiting", **values: Any) -> PlaceInLine:
    """Somebody waits for this object, behind those who do already; `status="ready"`: it is kept aside from today for a
    week."""
    now = clock.now()
    today = clock.day_at(now, "Europe/Paris")
    kept: dict[str, Any] = {}
    if status == "ready":
        until = values.pop("ready_until", None) or today + timedelta(days=7)
        kept = {"ready_at": now, "ready_until": until}
        kept["claim_id"] = claim(item, today, until + timedelta(days=1), "hold").id
    return stored(
        PlaceInLine(
            **{
                "item_id": item.id,
                "resident_id": resident.id,
                "turn": next(_numbers),
                "status": status,
                "joined_at": now,
                **kept,
                **values,
            }
        )
    )


def transfer(item: Item, to_hub: Hub, asked_by: Resident, **values: Any) -> Transfer:
    """This object is asked for at another hub; it is still where it was."""
    return stored(
        Transfer(
            **{
                "item_id": item.id,
                "from_hub_id": item.hub_id,
                "to_hub_id": to_hub.id,
                "requested_at": clock.now(),
                "requested_by_id": asked_by.id,
                **values,
            }
        )
    )


def repair(item: Item, opened_by: Resident, **values: Any) -> RepairTicket:
    """This object is broken since now, and waits for somebody to look at it."""
    today = clock.day_at(clock.now(), "Europe/Paris")
    taken = claim(item, today, today + timedelta(days=1), "repair", uncertain=True)
    return stored(
        RepairTicket(
            **{
                "item_id": item.id,
                "hub_id": item.hub_id,
                "claim_id": taken.id,
                "condition": "damaged",
                "note": "Ne démarre plus",
                "opened_at": clock.now(),
                "opened_by_id": opened_by.id,
                **values,
            }
        )
    )


def contested_deposit(item: Item, borrower: Resident, decider: Resident, **values: Any) -> Loan:
    """It came back broken, with its deposit by card: `decider` asks for a part of it, and the borrower does not agree."""
    now = clock.now()
    lent = loan(
        item, borrower, **{"status": "returned", "condition_in": "damaged", "deposit_cents": 4000, **values}
    )
    stored(CardDeposit(loan_id=lent.id, left_at=now))
    stored(
        DamageClaim(
            loan_id=lent.id,
            cents=1200,
            why="Un arceau est cassé : le neuf coûte cela.",
            claimed_by_id=decider.id,
            claimed_at=now,
            answer_by=now + timedelta(hours=72),
            state="contested",
            answered_at=now,
            answer="L’arceau était déjà fendu au départ.",
        )
    )
    return lent


def condition_note(loan: Loan, author: Resident, text: str = "Une rayure", **values: Any) -> ConditionNote:
    """What this neighbour saw when the object went out."""
    written = {"stage": "out", "text": text, "at": clock.now(), **values}
    return stored(ConditionNote(loan_id=loan.id, author_id=author.id, **written))


def saved_search(resident: Resident, query: str = "q=scie", **values: Any) -> SavedSearch:
    """A search that this resident keeps, as its address writes it; looked at tomorrow."""
    now = clock.now()
    return stored(
        SavedSearch(
            **{
                "resident_id": resident.id,
                "query": query,
                "compared": query,
                "created_at": now,
                "seen_until": now,
                "look_at": now + timedelta(days=1),
                **values,
            }
        )
    )


def report(item: Item, reporter: Resident, **values: Any) -> Report:
    """What this neighbour says is wrong with it; open."""
    return stored(
        Report(
            **{
                "subject_kind": "item",
                "subject_id": item.id,
                "hub_id": item.hub_id,
                "reporter_id": reporter.id,
                "reason": "unsafe",
                "text": "Le fil est à nu.",
                "created_at": clock.now(),
                **values,
            }
        )
    )


def minutes(
    payer: Resident | Hub, payee: Resident | Hub, minutes: int = 60, *, kind: str = "session", **values: Any
) -> TimeTransfer:
    """Minutes that went from one account to another, with both entries; neither has had any before."""
    number = next(_numbers)
    transfer = TimeTransfer(
        **{"key": f"{kind}:{number}", "kind": kind, "minutes": minutes, "at": clock.now(), **values}
    )
    with transaction() as session:
        session.add(transfer)
        session.flush()
        for side, whose in ((-1, payer), (1, payee)):
            holder = {"hub_id": whose.id} if isinstance(whose, Hub) else {"resident_id": whose.id}
            account = TimeAccount(
                **holder, balance=side * minutes, entries=1, going_out=0, coming_in=0, given=0
            )
            if side == 1 and kind in EARNING:
                account.given = minutes
            session.add(account)
            session.flush()
            session.add(
                TimeEntry(
                    transfer_id=transfer.id,
                    side=side,
                    amount=minutes,
                    account_id=account.id,
                    number=1,
                    balance=account.balance,
                )
            )
    return transfer


def scan_to_settle(item: Item, borrower: Resident, kept_by: Resident, **values: Any) -> ScanToSettle:
    """A check-out that a device of this volunteer kept, and the counter refused; open."""
    return stored(
        ScanToSettle(
            **{
                "hub_id": item.hub_id,
                "kept_by_id": kept_by.id,
                "key": f"key-{next(_numbers)}",
                "act": "check-out",
                "item_code": item.code,
                "member_code": borrower.code,
                "ticked": {},
                "at": clock.now() - timedelta(hours=2),
                "why": "already_out",
                "said": "Cet objet est déjà sorti.",
                "received_at": clock.now(),
                **values,
            }
        )
    )


def workshop(
    hub: Hub,
    facilitator: Resident | None = None,
    *,
    starts_in: timedelta = timedelta(days=10),
    capacity: int = 12,
    newcomer_places: int = 0,
    minutes: int = 120,
    rule: str = "",
    series: WorkshopSeries | None = None,
    **values: Any,
) -> Workshop:
    """One date at a hub, in ten days; what is said of its series is given beside. `series`: another date of that one."""
    number = next(_numbers)
    who = facilitator or verified_member(hub)
    starts = (clock.now() + starts_in).replace(second=0, microsecond=0)
    start = rhythm.wall(starts, hub.timezone)
    if series is None:
        series = stored(
            WorkshopSeries(
                **{
                    "hub_id": hub.id,
                    "title": f"Atelier {number}",
                    "capacity": capacity,
                    "newcomer_places": newcomer_places,
                    "start": start,
                    "minutes": minutes,
                    "rule": rule,
                    "facilitator_id": who.id,
                    "filled_until": start.date(),
                    "made_at": clock.now(),
                    "made_by_id": who.id,
                    **values,
                }
            )
        )
    return stored(
        Workshop(
            series_id=series.id,
            hub_id=hub.id,
            original=start,
            starts_at=starts,
            ends_at=starts + timedelta(minutes=minutes),
            capacity=capacity,
            newcomer_places=newcomer_places,
            facilitator_id=series.facilitator_id,
        )
    )


def attendee(workshop: Workshop, resident: Resident, *, status: str = "going", **values: Any) -> Attendee:
    """Somebody on the list of a date; the places are counted along."""
    offered = {"offered_at": clock.now(), "offered_until": clock.now() + timedelta(hours=24)}
    made = stored(
        Attendee(
            **{
                "workshop_id": workshop.id,
                "resident_id": resident.id,
                "status": status,
                "turn": next(_numbers),
                "registered_at": clock.now(),
                **(offered if status == "offered" else {}),
                **values,
            }
        )
    )
    with transaction():
        line.recount(db.session.get_one(Workshop, workshop.id))
    return made


def workshop_need(workshop: Workshop, item: Item, *, consent: str = "asked", **values: Any) -> WorkshopNeed:
    """An object that all dates of this workshop's series need; its owner is asked."""
    asked = {"consent": consent, "asked_by_id": workshop.facilitator_id, "asked_at": clock.now(), **values}
    return stored(WorkshopNeed(series_id=workshop.series_id, item_id=item.id, **asked))


def campaign(*, hub: Hub | None = None, organizer: Resident | None = None, **values: Any) -> Campaign:
    """An open group purchase of a hub, that closes in ten days; add what is bought with `product`."""
    hub = hub or _a_hub()
    organizer = organizer or coordinator(hub)
    now = clock.now()
    values = {
        "title": "Épicerie de décembre",
        "supplier": "Coopérative des Deux Vallées",
        "status": "open",
        "opens_at": now - timedelta(days=2),
        "closes_at": now + timedelta(days=10),
        "delivery_day": (now + timedelta(days=15)).date(),
        "created_at": now - timedelta(days=3),
        **values,
    }
    if values["status"] in ("failed", "closed", "cancelled"):
        values.setdefault("ended_at", now)
    return stored(Campaign(hub_id=hub.id, organizer_id=organizer.id, **values))


def product(campaign: Campaign, *, tiers: dict[int, int] | None = None, **values: Any) -> Product:
    """Something that is bought together: a can of oil for 29,40 €, in packs of six; `tiers` {20: 2790}."""
    values = {
        "name": "Huile d’olive",
        "unit": "bidon de 3 L",
        "price_cents": 2940,
        "pack_size": 6,
        "position": next(_numbers),
        **values,
    }
    prices = [ProductTier(from_quantity=units, price_cents=cents) for units, cents in (tiers or {}).items()]
    return stored(Product(campaign_id=campaign.id, tiers=prices, **values))


def campaigns(hub: Hub, organizer: Resident) -> dict[str, str]:
    """An open campaign of this organizer, and a draft with a product and a slot: their numbers, as the addresses of the
    house name them."""
    oil = campaign(hub=hub, organizer=organizer, minimum_cents=80000, transport_cents=2400)
    can = product(oil, tiers={20: 2790, 40: 2650}, origin="Nyons")
    draft = campaign(hub=hub, organizer=organizer, status="draft", opens_at=None, title="Farine et pommes")
    flour = product(draft, name="Farine de blé T65", unit="sac de 5 kg", price_cents=680, pack_size=5)
    helper = volunteer(hub, "Lise F.")
    stored(CampaignOrganizer(campaign_id=draft.id, resident_id=helper.id))
    slot = pick_up_slot(draft, starts_at=clock.now() + timedelta(days=15))
    return {
        "campaign": str(oil.id),
        "campaign_oil": str(can.id),
        "campaign_draft": str(draft.id),
        "campaign_product": str(flour.id),
        "campaign_slot": str(slot.id),
        "campaign_helper": str(helper.id),
    }


def card_of(resident: Resident) -> dict[str, str]:
    """A card that somebody left, and the attempt that saved it: their numbers, as the addresses of the house name them."""
    now = clock.now()
    saved = stored(
        PaymentAttempt(
            kind="save", subject="loan:0", seq=1, key=f"card:{resident.id}", resident_id=resident.id, cents=0,
            currency="EUR", parameters={}, status="succeeded", created_at=now, ended_at=now,
        )
    )  # fmt: skip
    card = SavedCard(
        resident_id=resident.id, subject="loan:0", attempt_id=saved.id, customer="cus_1", reference="pm_1",
        brand="visa", last4="4242", exp_month=12, exp_year=2031, saved_at=now,
    )  # fmt: skip
    return {"card_attempt": str(saved.id), "saved_card": str(stored(card).id)}


def pick_up_slot(campaign: Campaign, *, starts_at: datetime, minutes: int = 60, **values: Any) -> PickUpSlot:
    """A time at which so many can come for what is theirs."""
    values = {"capacity": 8, **values}
    ends_at = starts_at + timedelta(minutes=minutes)
    return stored(PickUpSlot(campaign_id=campaign.id, starts_at=starts_at, ends_at=ends_at, **values))


def log_in(client: FlaskClient, who: Resident) -> FlaskClient:
    """`client` as the browser of `who`, without going through the log-in page."""
    token = new_token()
    now = clock.now()
    stored(
        BrowserSession(
            resident_id=who.id,
            token_hash=fingerprint(token),
            created_at=now,
            expires_at=now + timedelta(days=365),
            browser="test",
        )
    )
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = token
        session["_fresh"] = True
    return client


def bearer(who: Resident, **values: Any) -> dict[str, str]:
    """The header of a program that `who` lets in: `client.get("/api/v1/me", headers=bearer(anna))`."""
    token = new_token()
    now = clock.now()
    stored(
        ApiToken(
            **{
                "resident_id": who.id,
                "name": "test",
                "token_hash": fingerprint(token),
                "created_at": now,
                "expires_at": now + timedelta(days=365),
                **values,
            }
        )
    )
    return {"Authorization": f"Bearer {token}"}


def _a_hub() -> Hub:
    return hub()


def _cell(point: tuple[float, float], width_m: int) -> tuple[float, float, int]:
    place = cell(*point, width_m)
    return (place.lat, place.lon, place.precision_m)
