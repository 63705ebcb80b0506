"""The sentences of time accounts: what goes wrong, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "ledger.unknown": _l("Cette écriture n’existe pas, ou elle ne vous concerne pas."),
    "ledger.same_account": _l("On ne se donne pas des heures à soi-même."),
    "ledger.limit_reached": _l("Il n’y a plus assez d’heures sur le compte temps de qui reçoit l’aide : il faut d’abord en donner un peu."),
    "ledger.giver_full": _l("Le compte temps de qui donne est plein : il est temps pour cette personne d’en profiter."),
    "ledger.reserved_already": _l("Ces heures sont déjà réservées."),
    "ledger.not_reserved": _l("Ces heures ne sont plus réservées."),
    "ledger.is_reversal": _l("C’est déjà une correction : elle ne se corrige pas."),
    "ledger.not_ones_own": _l("Cet échange vous concerne : demandez à une autre personne qui coordonne de le corriger."),
    "ledger.shift_known": _l("Ce moment est déjà noté pour cette personne."),
}  # fmt: skip
