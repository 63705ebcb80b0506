"""The sentences of group purchases: what goes wrong, how one stands, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "purchases.unknown": _l("Cet achat groupé n’existe pas, ou plus."),
    "purchases.not_organizer": _l("Un achat groupé est lancé par qui tient le comptoir ou l’organise pour le lieu : demandez à la coordination."),
    "purchases.not_yours": _l("Cet achat groupé est suivi par d’autres : demandez-leur, ou à la coordination du lieu."),
    "purchases.sold_out": _l("Il n’en reste pas assez."),
    "purchases.slot_full": _l("Ce créneau est complet. Choisissez-en un autre."),
}  # fmt: skip
