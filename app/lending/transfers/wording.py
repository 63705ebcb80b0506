"""The sentences of transfers: what goes wrong, how one stands, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "lending.transfer_owner_decides": _l("Cet objet est à quelqu’un du quartier : c’est à cette personne de dire où il est gardé."),
    "lending.transfer_there_already": _l("Cet objet est déjà gardé dans ce lieu."),
    "lending.transfer_open": _l("Un transfert est déjà prévu pour cet objet."),
    "lending.transfer_over": _l("Ce transfert est terminé."),
    "lending.transfer_gone": _l("Cet objet n’est plus gardé ici. Annulez ce transfert."),
    "lending.transfer_no_door": _l("%(hub)s n’accueille plus d’objets. Annulez ce transfert."),
    "lending.transfer_not_here": _l("Il n’est pas là : chez quelqu’un, en réparation ou déjà en route. Il partira à son retour."),
    "lending.transfer_kept_for": _l("Quelqu’un l’attend ici, il est mis de côté. Il partira ensuite."),
    "lending.no_transfer": _l("Cet objet n’est attendu nulle part ailleurs. Demandez d’abord son transfert."),
    "lending.reservations_stand": _l("Des voisins l’ont réservé ici. Leurs réservations peuvent partir avec lui."),
    "lending.apart": _l("Il n’est pas là en entier : « %(other)s » est chez %(holder)s en ce moment."),
    "lending.transfer.requested": _l("Demandé"),
    "lending.transfer.sent": _l("En route"),
    "lending.transfer.received": _l("Arrivé"),
    "lending.transfer.cancelled": _l("Annulé"),
    "lending.misfit.closed_first": _l("C’est fermé ici le jour du départ."),
    "lending.misfit.closed_due": _l("C’est fermé ici le jour du retour."),
    "lending.misfit.not_member": _l("N’est pas encore membre ici."),
    "lending.history.moved": _l("À prendre dans un autre lieu"),
    "tell.lending.moved": _l("« %(item)s », réservé du %(first)s au %(due)s, vous attend maintenant à %(place)s."),
    "tell.lending.transfer_requested": _l("%(hub)s demande « %(item)s »."),
    "tell.lending.transfer_sent": _l("« %(item)s » est en route, de %(hub)s."),
    "tell.lending.transfer_called_back": _l("« %(item)s » ne vient pas : %(hub)s l’a repris."),
    "tell.lending.transfer_owner": _l("« %(item)s » est maintenant gardé à %(hub)s."),
}  # fmt: skip
