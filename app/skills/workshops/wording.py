"""The sentences of workshops: what goes wrong, how one stands, what is told."""

from app.core.i18n import _, _l

SENTENCES = {
    "workshops.unknown": _l("Cet atelier n’existe pas, ou plus."),
    "workshops.not_organizer": _l("Les ateliers sont organisés par la coordination du lieu et ceux qu’elle a désignés."),
    "workshops.is_cancelled": _l("Cet atelier est annulé."),
    "workshops.has_begun": _l("Cet atelier a déjà commencé."),
    "workshops.facilitates": _l("Cette personne anime l’atelier : elle n’y prend pas de place."),
    "workshops.email_unconfirmed": _l("Confirmez d’abord votre adresse e-mail : ouvrez le lien reçu par courrier."),
    "workshops.full": _l("Toutes les places sont prises."),
    "workshops.line_full": _l("Trop de personnes attendent déjà une place. Regardez les autres dates."),
    "workshops.registered_already": _l("Cette personne est déjà inscrite."),
    "workshops.not_on_list": _l("Cette personne n’est pas inscrite à cet atelier."),
    "workshops.no_offer": _l("Aucune place ne vous est proposée en ce moment."),
    "workshops.was_there": _l("Cette personne est déjà notée présente."),
    "workshops.undo_over": _l("C’est trop tard pour revenir en arrière. Inscrivez-vous de nouveau."),
    "workshops.place_gone": _l("La place vient d’être prise. Vous pouvez attendre la suivante."),
    "workshops.no_such_card": _l("Cette carte n’est pas connue. Scannez-la encore une fois, ou tapez son code."),
    "workshops.too_early": _l("On note les présences à partir de deux heures avant le début."),
    "workshops.too_late": _l("Cet atelier est passé depuis plus d’une semaine : les présences ne changent plus."),
    "workshops.stands_alone": _l("Cette date ne suit plus les autres : changez-la seule."),
    "workshops.below_registered": _l("%(count)s places sont déjà prises : il en faut au moins autant."),
    "workshops.not_a_time": _l("Écrivez l’heure ainsi : 14:30."),
    "workshops.in_the_past": _l("Ce moment est déjà passé."),
    "workshops.too_far": _l("C’est dans plus d’un an : annoncez-le plus tard."),
    "workshops.too_many_lines": _l("%(max)s lignes au plus."),
    "workshops.facilitator_not_member": _l("Qui anime doit être membre vérifié de ce lieu."),
    "workshops.object_elsewhere": _l("Choisissez des objets qui sont gardés dans ce lieu."),
    "workshops.too_many_objects": _l("%(max)s objets au plus."),
    "workshops.rule_not_taken": _l("Ce rythme n’est pas possible ici : par jours, par semaines ou par mois, avec ou sans date de fin."),
    "workshops.rule_too_long": _l("C’est trop loin ou trop souvent : deux ans et %(max_times)s dates au plus."),
    "workshops.rule_ends_first": _l("Le rythme finit avant la première date."),
    "workshops.rule_starts_elsewhere": _l("La première date ne suit pas ce rythme. Changez l’un ou l’autre."),
    "workshops.status.going": _l("Vous y allez"),
    "workshops.status.waiting": _l("Vous attendez une place"),
    "workshops.status.offered": _l("Une place pour vous"),
    "workshops.consent.agreed": _l("réservé pour l’atelier"),
    "workshops.consent.asked": _l("on attend la réponse de son propriétaire"),
    "workshops.consent.refused": _l("son propriétaire en a besoin"),
    "tell.workshops.going": _l("C’est noté : « %(title)s », %(starts)s, %(hub)s."),
    "tell.workshops.registered_for": _l("%(by)s a pris une place pour vous : « %(title)s », %(starts)s, %(hub)s."),
    "tell.workshops.waiting_for": _l("%(by)s a demandé une place pour vous à « %(title)s », %(starts)s : vous êtes sur la liste d’attente."),
    "tell.workshops.left_for": _l("%(by)s a libéré votre place à « %(title)s », %(starts)s."),
    "tell.workshops.offered": _l("Une place se libère pour « %(title)s », %(starts)s. Elle est à vous jusqu’au %(until)s : dites oui ou non."),
    "tell.workshops.lapsed": _l("La place proposée pour « %(title)s » est allée à la personne suivante. Vous pouvez vous inscrire de nouveau."),
    "tell.workshops.taken_back": _l("La place proposée pour « %(title)s » n’est finalement pas libre. Vous restez dans la file, au même rang."),
    "tell.workshops.changed": _l("« %(title)s » change : maintenant %(starts)s, %(hub)s. Votre place suit."),
    "tell.workshops.changed_many": _l("« %(title)s » change pour %(count)s de vos dates, à partir du %(starts)s. Vos places suivent."),
    "tell.workshops.cancelled": _l("« %(title)s », %(starts)s, n’aura pas lieu."),
    "tell.workshops.cancelled_why": _l("« %(title)s », %(starts)s, n’aura pas lieu : %(why)s"),
    "tell.workshops.restored": _l("« %(title)s », %(starts)s, aura bien lieu. Votre place est toujours là."),
    "tell.workshops.facilitates": _l("%(by)s vous confie l’atelier « %(title)s », à partir du %(starts)s, %(hub)s."),
    "tell.workshops.reminder": _l("« %(title)s » : %(starts)s, %(hub)s. Un empêchement ? Dites-le, la place ira à quelqu’un."),
    "tell.workshops.reminder_facilitator": _l("Vous animez « %(title)s » %(starts)s, %(hub)s. Inscrits : %(count)s."),
    "tell.workshops.object_asked": _l("%(by)s aimerait votre « %(item)s » pour l’atelier « %(title)s », %(hub)s. Dites oui ou non."),
    "tell.workshops.object_agreed": _l("« %(item)s » sera là pour « %(title)s » : c’est oui."),
    "tell.workshops.object_refused": _l("« %(item)s » ne sera pas là pour « %(title)s » : c’est non."),
    "tell.workshops.object_missing": _l("« %(item)s » est déjà pris pour « %(title)s », %(starts)s. L’atelier a lieu ; prévoyez autre chose."),
    "tell.workshops.induced": _l("Vous étiez à « %(title)s » : vous pouvez maintenant emprunter ce qui demande « %(induction)s »."),
    "tell.workshops.paid": _l("%(paid)s pour avoir animé « %(title)s »."),
    "tell.workshops.paid_partly": _l("%(paid)s pour avoir animé « %(title)s ». Votre compte temps est plein : %(unpaid)s n’y tiennent plus."),
    "tell.workshops.not_paid": _l("Votre compte temps est plein : les %(unpaid)s de « %(title)s » n’y tiennent plus."),
}  # fmt: skip


def hours(minutes: int) -> str:
    """So many minutes as neighbours say them: "2 h", "1 h 30", "45 min"."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return _("%(n)s min", n=rest)
    return _("%(n)s h", n=whole) if not rest else _("%(n)s h %(rest)02d", n=whole, rest=rest)
