"""The sentences of money that moves: what goes wrong, whatever it moves for."""

from app.core.i18n import _l

SENTENCES = {
    "payments.posted_otherwise": _l("Cette opération est déjà écrite avec d’autres sommes."),
    "payments.not_owed": _l("Il n’y a pas autant à payer ici : il reste %(sum)s."),
    "payments.not_hers": _l("Il n’y a pas autant à rendre ici : il reste %(sum)s."),
}
