"""The sentences of collecting: what goes wrong, how a card stands, the choices, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "collecting.decided": _l("C’est déjà décidé."),
    "collecting.still_asking": _l("Des cartes n’ont pas encore répondu : attendez un instant."),
    "collecting.nothing_to_decide": _l("Toutes les cartes ont répondu oui : il n’y a rien à décider."),
    "collecting.nobody_left": _l("Sans ces personnes, il ne reste rien à commander : annulez l’achat."),
    "collecting.how.unasked": _l("Pas encore demandée"),
    "collecting.how.asking": _l("Demandée"),
    "collecting.how.secured": _l("D’accord"),
    "collecting.how.refused": _l("Refusée"),
    "collecting.how.waits": _l("Attend un mot à sa banque"),
    "tell.collecting.refused": _l("« %(title)s » : des cartes n’ont pas répondu oui. Dites comment continuer d’ici %(until)s ; rien n’est commandé ni débité avant."),
    "tell.collecting.action": _l("« %(title)s » : votre banque veut confirmer %(sum)s avec vous, d’ici %(until)s."),
    "tell.collecting.declined": _l("« %(title)s » : votre carte a été refusée. Laissez-en une autre d’ici %(until)s pour rester de la commande."),
    "tell.collecting.removed_card": _l("« %(title)s » : votre carte est retirée. Laissez-en une autre, sinon votre engagement ne tiendra pas à la clôture."),
    "tell.collecting.left_out": _l("« %(title)s » part sans vous : votre carte n’a pas pu payer. Rien n’a été pris."),
    "tell.collecting.not_captured": _l("« %(title)s » : votre banque a repris la somme réservée. Il reste %(sum)s à payer, au comptoir."),
}  # fmt: skip
