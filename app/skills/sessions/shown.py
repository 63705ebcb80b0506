"""How a session is told to one reader: its state, its time in words, the one next step. Plain values for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.accounts.models import Resident
from app.core.i18n import _, _l, format_clock, format_day_time, sentence
from app.items.shown import drawing_url
from app.skills.sessions import policy, queries, rules
from app.skills.sessions.models import SkillSession
from app.skills.sessions.rules import Standing

TAGS = {
    "asked": ("info", "hourglass"),
    "accepted": ("ok", "calendar"),
    "held": ("warn", "clock"),
    "confirmed": ("ok", "ok"),
    "disputed": ("bad", "warning"),
}


@dataclass(frozen=True)
class Line:
    """A session as one reader meets it. `side` is None for who settles it. `step`: answer, wait, coming, say, said,
    disputed or over."""

    session: SkillSession
    standing: Standing
    side: rules.Side | None
    other: Resident
    zone: str
    state: str
    step: str
    lead: str

    @property
    def tag(self) -> tuple[str, str, str | None]:
        kind, icon = TAGS.get(self.state, ("", None))
        return kind, sentence(f"sessions.state.{self.state}"), icon

    @property
    def picture(self) -> str:
        return drawing_url(self.session.skill.category.drawing)

    @property
    def mine(self) -> bool:
        """Whether the reader has something to do."""
        return self.step in ("answer", "say") or (self.step == "disputed" and self.other_said is not None)

    @property
    def gives(self) -> bool:
        return self.side == "giver"

    @property
    def own_said(self) -> int | None:
        return self.standing.said_by(self.side) if self.side else None

    @property
    def other_said(self) -> int | None:
        if self.side is None:
            return None
        return self.standing.said_by("learner" if self.side == "giver" else "giver")

    @property
    def when(self) -> str:
        """The agreed time, or the first of those that are proposed."""
        if self.session.starts_at is not None and self.session.ends_at is not None:
            return self.span(self.session.starts_at)
        return self.span(self.standing.times[0]) if self.standing.times else ""

    def span(self, start: datetime) -> str:
        """A time in words, with its end."""
        end = format_clock(start + timedelta(minutes=self.session.minutes), self.zone)
        return _("%(start)s, jusqu’à %(end)s", start=format_day_time(start, self.zone), end=end)

    @property
    def where(self) -> str:
        """The place in words; a home is told by the two in their messages."""
        if self.session.hub is not None:
            return self.session.hub.name
        return sentence(f"sessions.place.{self.session.place}")

    @property
    def meta(self) -> str:
        """One line under the title in a list."""
        with_whom = _("avec %(name)s", name=self.other.name)
        return " · ".join(part for part in (with_whom, self.when, self.where) if part)


def line(session: SkillSession, viewer_id: int, *, now: datetime) -> Line:
    """One session as this reader meets it."""
    standing = queries.standing_of(session)
    side = standing.side(viewer_id)
    state = rules.state(standing, now)
    step = step_of(standing, side, viewer_id, now)
    other = session.learner if side == "giver" else session.giver
    zone = queries.zone_of(session.hub)
    found = Line(session, standing, side, other, zone, state, step, "")
    return Line(session, standing, side, other, zone, state, step, _lead(found))


def lines(sessions: Sequence[SkillSession], viewer_id: int, *, now: datetime) -> list[Line]:
    """Several of them, in their order."""
    return [line(session, viewer_id, now=now) for session in sessions]


def step_of(standing: Standing, side: rules.Side | None, viewer_id: int, now: datetime) -> str:
    """The one thing that comes next for this reader."""
    if standing.status == "disputed":
        return "disputed"
    if standing.status not in rules.OPEN:
        return "over"
    if standing.status == "accepted" and side is not None:
        if standing.said_by(side) is not None:
            return "said"
        if standing.said or standing.begun(now):
            return "say"
    if viewer_id in rules.waits_for(standing, now):
        return "answer"
    return "wait" if standing.status == "asked" else "coming"


LEADS = {
    "answer": _l("%(name)s attend votre réponse, d’ici %(day)s. Choisissez un moment."),
    "answer_other": _l("%(name)s voudrait un autre moment. Le rendez-vous tient jusqu’à votre réponse."),
    "wait": _l("%(name)s a jusqu’à %(day)s pour répondre."),
    "coming": _l("Avec %(name)s, c’est convenu."),
    "coming_other": _l("Vous avez proposé d’autres moments. En attendant, ce rendez-vous tient."),
    "say": _l("Combien de temps cela a-t-il duré ? Quand vous le dites tous les deux, les minutes passent."),
    "say_other": _l(
        "%(name)s dit que cela a duré %(said)s minutes. Sans réponse d’ici %(day)s, %(counts)s minutes comptent."
    ),
    "said": _l(
        "Vous avez dit %(said)s minutes. %(name)s a jusqu’à %(day)s pour répondre, "
        "ensuite %(counts)s minutes comptent."
    ),
}
"""What happened, then what to do, by the step that comes next; `_other` where the other one has spoken or is asked."""


def _lead(one: Line) -> str:
    if one.step == "disputed":
        return _lead_of_dispute(one)
    if one.step == "over":
        return _lead_when_over(one)
    standing, until = one.standing, rules.closes_at(one.standing)
    other = {
        "answer": standing.status == "accepted",
        "coming": standing.proposed_by_id is not None,
        "say": one.other_said is not None,
    }
    facts = {
        "name": one.other.name,
        "day": format_day_time(until, one.zone) if until is not None else "",
        "said": one.own_said if one.step == "said" else one.other_said,
        "counts": rules.counts_by_silence(standing),
    }
    return str(LEADS[f"{one.step}_other" if other.get(one.step) else one.step]) % facts


def _lead_of_dispute(one: Line) -> str:
    if one.side is None:
        return _("Écoutez-les tous les deux, puis dites combien de minutes comptent.")
    if one.session.heard_at is not None:
        return _(
            "Rien ne bouge tant que ce n’est pas réglé. La coordination de %(hub)s peut vous écouter.",
            hub=one.session.heard_at.name,
        )
    return _("Rien ne bouge tant que ce n’est pas réglé. Les intendants du site peuvent vous écouter.")


def _lead_when_over(one: Line) -> str:
    session = one.session
    match session.status:
        case "confirmed":
            return _(
                "De %(learner)s à %(giver)s, %(minutes)s minutes sont passées.",
                minutes=session.moved_minutes,
                learner=session.learner.name,
                giver=session.giver.name,
            )
        case "cancelled" if session.cancelled_late:
            return _("Elle a été annulée moins de 24 heures avant. C’est noté.")
        case "expired":
            return _("La demande est restée sans réponse. Personne ne doit rien.")
        case "lapsed":
            return _("Personne n’a dit combien elle a duré : aucune minute ne passe.")
        case "dismissed":
            return _("Elle est close : aucune minute ne passe.")
    return _("Elle n’a pas lieu. Personne ne doit rien.")


def may(one: Line, viewer_id: int, now: datetime) -> dict[str, Any]:
    """Which acts the page offers: the same policies that the services ask."""
    standing, party = one.standing, one.side is not None
    return {
        "propose": party and not policy.why_not_propose(standing, now),
        "cancel": party and not policy.why_not_cancel(standing, now),
        "late": rules.late(standing, now),
        "confirm": party and standing.status == "accepted" and one.own_said is None,
        "dispute": party
        and standing.status in ("accepted", "disputed")
        and not policy.why_not_dispute(standing, now)
        and not (standing.status == "disputed" and one.own_said is not None),
        "agree": party and one.other_said is not None and standing.status in ("accepted", "disputed"),
        "settle": standing.status == "disputed" and not party,
        "link": party and one.session.place == "online" and one.session.status in ("asked", "accepted"),
        "answer": party and not policy.why_not_answer(standing, viewer_id, now),
    }
