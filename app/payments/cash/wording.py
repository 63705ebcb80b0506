"""The sentences of money by hand."""

from app.core.i18n import _l

SENTENCES = {
    "cash.unknown": _l("Ce reçu n’existe pas, ou il ne vous concerne pas."),
    "cash.no_such_means": _l("En espèces, par chèque ou par virement."),
    "cash.said_otherwise": _l("Ce paiement est déjà noté, avec une autre somme ou un autre moyen."),
    "cash.not_to_oneself": _l("Une autre personne du comptoir vous rend votre argent."),
    "cash.open_already": _l("La caisse est déjà ouverte."),
    "cash.closed_already": _l("La caisse est déjà fermée, avec un autre compte."),
    "cash.not_open": _l("La caisse n’est pas ouverte."),
    "cash.elsewhere": _l("Ce paiement se fait dans un autre lieu."),
    "cash.not_in_box": _l("Il n’y a pas autant dans la caisse : il y a %(sum)s."),
    "cash.means.cash": _l("Espèces"),
    "cash.means.cheque": _l("Chèque"),
    "cash.means.transfer": _l("Virement"),
}
