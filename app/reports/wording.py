"""The sentences of reports."""

from app.core.i18n import _l

REASONS = (
    ("unsafe", _l("C’est dangereux, ou cassé")),
    ("not_as_described", _l("Ce n’est pas ce qui est décrit")),
    ("offensive", _l("Les mots ou les photos sont blessants")),
    ("forbidden", _l("Cela ne devrait pas se prêter : interdit, volé, réglementé")),
    ("scam", _l("On me demande de l’argent, ou c’est une arnaque")),
    ("other", _l("Autre chose")),
)
"""Why something is reported, as one chooses it."""

SENTENCES = {
    **{f"reports.reason.{word}": said for word, said in REASONS},
    "reports.unknown": _l("Ce signalement n’existe pas, ou n’est pas pour vous."),
    "reports.subject_unknown": _l(
        "Dites ce qui est signalé : un objet proposé sur ce site, par exemple « item:12 »."
    ),
    "reports.already_open": _l("Vous l’avez déjà signalé. Quelqu’un va regarder."),
    "reports.own": _l("C’est votre objet : vous pouvez le modifier, ou ne plus le proposer."),
    "reports.too_many": _l(
        "%(max)s signalements par jour au plus. Revenez demain, ou parlez-en au comptoir."
    ),
    "reports.settled_already": _l("Ce signalement est déjà réglé."),
    "reports.concerns_you": _l("Ce signalement vous concerne : quelqu’un d’autre le règle."),
    "tell.reports.item": _l("« %(item)s » a été signalé. Regardez ce qui se passe."),
    "tell.reports.settled": _l("Merci d’avoir signalé « %(item)s ». Quelqu’un a regardé."),
}
