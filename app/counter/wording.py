"""The counter's own sentences: the blockers as they are said about somebody else, and what a volunteer can do."""

from app.core.i18n import _l

SENTENCES = {
    "counter.not_a_sum": _l("Écrivez une somme en euros, par exemple 40 ou 3,50."),
    "counter.suspended": _l("Les emprunts de %(name)s sont suspendus ici."),
    "counter.suspended.way_out": _l("La coordination du lieu peut en parler. Ses retours restent acceptés."),
    "counter.email_unconfirmed": _l("L’adresse e-mail de %(name)s n’est pas encore confirmée."),
    "counter.email_unconfirmed.way_out": _l(
        "Vérifiez la personne ici, ou faites-lui ouvrir le lien reçu par courrier."
    ),
    "counter.not_member": _l("%(name)s n’est pas encore membre ici."),
    "counter.not_member.way_out": _l("Vérifiez la personne plus bas : elle rejoint le lieu du même geste."),
    "counter.not_verified": _l("%(name)s n’est pas encore vérifié ici."),
    "counter.not_verified.way_out": _l(
        "Regardez une pièce d’identité, sans copie, puis touchez « J’ai vu » plus bas."
    ),
    "counter.overdue_elsewhere": _l("%(name)s a un objet en retard."),
    "counter.overdue_elsewhere.way_out": _l(
        "Qu’il revienne d’abord, ou prêtez quand même et dites pourquoi."
    ),
    "counter.too_many": _l(
        "%(name)s a déjà %(max)s objets réservés ou chez soi : c’est le plus possible ici."
    ),
    "counter.too_many.way_out": _l(
        "Un retour ou une réservation annulée, ou prêtez quand même et dites pourquoi."
    ),
    "counter.queue": _l("Avant %(name)s, d’autres attendent cet objet."),
    "counter.queue.way_out": _l("Mettez %(name)s dans la file, ou prêtez quand même et dites pourquoi."),
    "counter.induction_missing": _l("%(name)s n’a pas encore appris à s’en servir : « %(induction)s »."),
    "counter.induction_missing.way_out": _l("La coordination peut l’accorder, ou prêter quand même."),
}
