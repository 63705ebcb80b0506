"""What is typed about hubs."""

from collections.abc import Mapping
from datetime import time

from wtforms import BooleanField, EmailField, SelectMultipleField, StringField, TextAreaField

from app.core.errors import Invalid
from app.core.forms import CountField, DayField, Form, Wanted, choices
from app.core.i18n import _l
from app.hubs.rules import Opening

SLOTS = 3
"""Openings a day that the page has room for."""


class ClosureForm(Form):
    first_day = DayField(_l("Premier jour fermé"), [Wanted()])
    last_day = DayField(_l("Dernier jour fermé"), [Wanted()])
    why = StringField(_l("Pourquoi ?"), [Wanted()])


class PolicyForm(Form):
    loan_days = CountField(_l("Un prêt dure d’habitude (jours)"), [Wanted()])
    max_loan_days = CountField(_l("Un prêt dure au plus (jours)"), [Wanted()])
    max_loans = CountField(_l("Objets à la fois par personne"), [Wanted()])
    max_renewals = CountField(_l("Prolongations par prêt"), [Wanted()])
    ahead_days = CountField(_l("On réserve à l’avance (jours)"), [Wanted()])
    ready_days = CountField(_l("Un objet mis de côté attend (jours)"), [Wanted()])
    request_hours = CountField(_l("Un voisin a pour répondre (heures)"), [Wanted()])
    min_days_before_claim = CountField(_l("Jours qu’il faut avant la réservation suivante"), [Wanted()])
    overdue_gap_days = CountField(_l("Jours d’avance pour réserver un objet en retard"), [Wanted()])
    suspend_after_days = CountField(
        _l("Jours de retard avant de suspendre, jusqu’au retour (0 : jamais d’office)"), [Wanted()]
    )
    time_lowest_hours = CountField(_l("Compte temps : un membre peut devoir (heures)"), [Wanted()])
    time_highest_hours = CountField(_l("Compte temps : un membre peut garder (heures)"), [Wanted()])
    time_newcomer_hours = CountField(
        _l("Compte temps : avant sa première heure donnée, on peut devoir (heures)"), [Wanted()]
    )
    time_hub_lowest_hours = CountField(_l("Compte temps : le lieu peut devoir (heures)"), [Wanted()])
    verification_required = BooleanField(_l("Vérifier chaque membre une fois, au comptoir"))
    accepts_other_hubs = BooleanField(_l("Accepter qui a été vérifié dans un autre lieu"))
    same_day_handover = BooleanField(_l("Un objet rendu peut repartir le jour même"))


class SuspendForm(Form):
    why = TextAreaField(_l("Pourquoi ?"), [Wanted()])


class RolesForm(Form):
    roles = SelectMultipleField(
        _l("Ce que cette personne fait ici"),
        choices=choices(
            ("volunteer", _l("tient le comptoir")),
            ("organizer", _l("organise les achats groupés")),
            ("coordinator", _l("coordonne le lieu")),
        ),
    )


class ResidentForm(Form):
    name = StringField(_l("Son prénom"), [Wanted()])
    email = EmailField(_l("Son adresse e-mail"))
    proof_seen = BooleanField(_l("J’ai vu sa pièce d’identité"))


def read_hours(typed: Mapping[str, str]) -> list[Opening]:
    """The week that was typed as `d<weekday>-<n>-opens` and `-closes`. Raises `Invalid` by `day<weekday>`."""
    openings = []
    faults: dict[str, str] = {}
    for weekday in range(7):
        for slot in range(SLOTS):
            ends = [typed.get(f"d{weekday}-{slot}-{end}", "").strip() for end in ("opens", "closes")]
            if not any(ends):
                continue
            try:
                opens, closes = (_time(text) for text in ends)
            except ValueError:
                faults[f"day{weekday}"] = "hubs.not_a_time" if all(ends) else "hubs.half_an_opening"
            else:
                openings.append(Opening(weekday, opens, closes))
    if faults:
        raise Invalid(faults)
    return openings


def _time(text: str) -> time:
    """Hours and minutes; "24:00" is the last minute of the day."""
    if text == "24:00":
        return time(23, 59)
    if len(text) > 8:
        raise ValueError(text)
    found = time.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found.replace(second=0, microsecond=0)


def shown_hours(openings: list[Opening]) -> dict[str, str]:
    """A week as the form's fields."""
    fields = {}
    for weekday in range(7):
        for slot, opening in enumerate([o for o in openings if o.weekday == weekday][:SLOTS]):
            fields[f"d{weekday}-{slot}-opens"] = f"{opening.opens:%H:%M}"
            fields[f"d{weekday}-{slot}-closes"] = f"{opening.closes:%H:%M}"
    return fields
