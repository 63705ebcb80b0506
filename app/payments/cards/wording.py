"""The sentences of cards: what goes wrong, why a card was refused, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "cards.already_asked": _l("Une somme est déjà demandée à cette carte."),
    "cards.nothing_held": _l("Rien n’est réservé sur cette carte : elle a été débitée, libérée, ou sa banque a repris la somme."),
    "cards.more_than_held": _l("C’est plus que ce qui est réservé sur la carte."),
    "cards.refund_too_much": _l("C’est plus que ce qui reste à rendre sur cette carte."),
    "cards.not_from_provider": _l("Ce message ne vient pas de Stripe, ou il est trop ancien."),
    "cards.off": _l("On ne paie pas par carte ici : le comptoir prend espèces, chèques et virements."),
    "cards.why.declined": _l("La banque de cette carte n’a pas accepté. Rien n’a été pris."),
    "cards.why.insufficient_funds": _l("Il n’y a pas assez sur cette carte. Rien n’a été pris."),
    "cards.why.expired_card": _l("Cette carte a expiré. Rien n’a été pris."),
    "cards.why.no_card": _l("Aucune carte n’est gardée pour cela."),
    "cards.why.too_small": _l("C’est trop peu pour une carte : payez au comptoir."),
    "cards.why.called_off": _l("Ce n’est plus demandé : rien n’a été pris."),
    "cards.why.abandoned": _l("La carte n’a pas été donnée à temps."),
    "cards.why.released": _l("Ce n’est plus demandé : la somme réservée est libérée."),
    "cards.why.lapsed": _l("La banque a repris ce qu’elle réservait. Rien n’a été pris."),
    "cards.why.at_the_counter": _l("On ne prend pas de carte ici pour le moment : payez au comptoir."),
    "tell.payments.refunded": _l("%(sum)s vous sont rendus sur votre carte."),
    "tell.payments.refunded_at_counter": _l("%(sum)s vous sont rendus au comptoir."),
}  # fmt: skip
