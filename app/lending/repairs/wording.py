"""The sentences of repairs and of how objects looked."""

from app.core.i18n import _l

SENTENCES = {
    "lending.repair.assess": _l("À regarder"),
    "lending.repair.parts": _l("Attend une pièce"),
    "lending.repair.repairing": _l("En cours"),
    "lending.repair.back": _l("Réparé"),
    "lending.repair.retired": _l("Ne se prête plus"),
    "lending.repair.dropped": _l("Rien à réparer"),
    "lending.repair_unknown": _l("Cette réparation n’existe pas, ou n’est pas pour vous."),
    "lending.repair_over": _l("Cette réparation est terminée. S’il y a autre chose, ouvrez-en une autre."),
    "lending.in_repair_already": _l("Cet objet est déjà en réparation."),
    "lending.mend_after_return": _l("Cet objet est sorti. Dites ce qui ne va pas à son retour."),
    "lending.say_what_was_done": _l("Écrivez ce qui a été fait, ou choisissez où cela en est."),
    "lending.say_or_show": _l("Écrivez un mot, ou ajoutez une photo."),
    "lending.condition_closed": _l("On décrit l’état pendant %(days)s jours après le départ ou le retour. C’est passé : écrivez un message."),
    "lending.condition_full": _l("%(max)s notes au plus pour un départ ou un retour."),
    "lending.why.not_mended": _l("L’objet n’a pas pu être réparé."),
    "tell.lending.not_mended": _l("« %(item)s » n’a pas pu être réparé et ne se prête plus. Ce n’est pas de votre fait."),
    "tell.lending.repair_goes_on": _l("La réparation de « %(item)s » avance."),
    "tell.lending.repair_back": _l("« %(item)s » est réparé. Il se prête de nouveau."),
    "tell.lending.repair_retired": _l("« %(item)s » n’a pas pu être réparé. Il ne se prête plus."),
}  # fmt: skip
