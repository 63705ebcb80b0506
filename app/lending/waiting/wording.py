"""The sentences of the waiting list: what goes wrong and the way out, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "lending.already_yours": _l("Vous l’avez déjà, ou il est réservé pour vous."),
    "lending.too_many_places": _l("Vous attendez déjà %(max)s objets. Quittez une file, puis prenez place ici."),
    "lending.not_in_line": _l("Vous n’êtes pas dans la file de cet objet."),
    "lending.not_your_turn": _l("Il n’est pas mis de côté pour vous en ce moment. Vous gardez votre place."),
    "tell.lending.place_ready": _l("C’est votre tour : %(items)s, mis de côté pour vous jusqu’au %(until)s."),
    "tell.lending.place_stood_back": _l("« %(item)s » n’est finalement pas disponible. Vous restez en tête de la file."),
    "tell.lending.place_late": _l("« %(item)s », que vous attendez, n’est pas revenu à temps. Vous gardez votre place ; regardez s’il y en a un autre."),
    "tell.lending.place_lapsed": _l("« %(item)s » n’est plus mis de côté : personne n’est venu à temps. Vous gardez une place, à la fin de la file."),
    "tell.lending.place_lost": _l("« %(item)s » n’est plus mis de côté pour vous, ni votre place gardée. Reprenez place quand vous voulez."),
    "tell.lending.place_ended": _l("« %(item)s » n’est plus prêté : la file s’arrête là. Regardez ce qui lui ressemble, tout près."),
}  # fmt: skip
