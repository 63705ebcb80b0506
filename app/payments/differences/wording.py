"""The sentences of differences about money."""

from app.core.i18n import _l

SENTENCES = {
    "differences.unknown": _l("Cet écart n’existe pas."),
    "differences.not_steward": _l("Cette page est réservée à qui veille sur toute l’installation."),
    "tell.payments.differs": _l("Les comptes d’argent ne disent pas tous la même chose. À regarder."),
}
