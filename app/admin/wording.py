"""The sentences of this room: refusals, the names of the jobs, how each stands."""

from app.core.i18n import _l

SENTENCES = {
    "admin.not_steward": _l("Cette page est réservée à qui veille sur toute l’installation."),
    "admin.no_such_job": _l("Ce travail n’existe pas."),
    "job.notifications.send_mail": _l("Envoi du courrier"),
    "job.core.deliver_events": _l("Suites à donner à ce qui s’est passé"),
    "job.core.purge": _l("Effacement des données anciennes"),
    "job.lending.send_reminders": _l("Rappels de retour"),
    "job.lending.expire_requests": _l("Demandes sans réponse"),
    "job.lending.remind_owners": _l("Demandes à rappeler"),
    "job.lending.turn_pick_up_clocks": _l("Réservations non retirées"),
    "job.lending.push_uncertain_claims": _l("Retards et réparations"),
    "job.lending.count_one_sided_hand_overs": _l("Remises entre voisins"),
    "job.items.sweep_photos": _l("Effacement des photos sans objet"),
    "job.items.write_imports": _l("Ajout des tableaux d’objets"),
    "job.items.forget_imports": _l("Oubli des vieux tableaux"),
    "job.items.place_anew": _l("Mise à jour des communes affichées"),
    "job.items.count_words": _l("Mots de la recherche"),
    "job.items.tell_new_objects": _l("Recherches gardées"),
    "admin.job_ok": _l("À jour"),
    "admin.job_failing": _l("En échec"),
    "admin.job_at_work": _l("En cours"),
    "admin.job_asked": _l("Demandé"),
    "admin.job_late": _l("En retard"),
    "admin.job_never": _l("Pas encore passé"),
}
