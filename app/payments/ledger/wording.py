"""The sentences of money that moves: what goes wrong, whatever it moves for."""

from app.core.i18n import _l

SENTENCES = {
    "payments.posted_otherwise": _l("Cette opération est déjà écrite avec d’autres sommes."),
    "payments.not_owed": _l("Il n’y a pas autant à payer ici : il reste %(sum)s."),
    "payments.not_hers": _l("Il n’y a pas autant à rendre ici : il reste %(sum)s."),
    "payments.nothing_hers": _l("Il n’y a rien à vous pour payer cela."),
    "payments.kind.due": _l("À payer"),
    "payments.kind.due_cancelled": _l("Achat annulé"),
    "payments.kind.correction": _l("Somme corrigée"),
    "payments.kind.sale": _l("Achat au lieu"),
    "payments.kind.receipt": _l("Payé au comptoir"),
    "payments.kind.paid_out": _l("Rendu au comptoir"),
    "payments.kind.receipt_reversed": _l("Reçu annulé"),
    "payments.kind.capture": _l("Payé par carte"),
    "payments.kind.charge": _l("Payé par carte"),
    "payments.kind.refund": _l("Rendu sur la carte"),
    "payments.kind.carried_from": _l("Avoir utilisé"),
    "payments.kind.carried_to": _l("Payé par un avoir"),
    "payments.kind.deposit": _l("Caution"),
    "payments.kind.damage": _l("Dégât sur un objet emprunté"),
    "payments.kind.other": _l("Opération"),
}
