"""The sentences of labels and stickers."""

from app.core.i18n import _l

SENTENCES = {
    "labels.unknown_sticker": _l("Cette étiquette n’existe pas, ou n’est pas à votre lieu-relais."),
    "labels.already_stuck": _l("Cette étiquette est déjà sur un objet. Scannez-la pour voir lequel."),
    "labels.try_again": _l("Ce code vient d’être pris. Envoyez encore une fois."),
    "labels.known": _l("Cette étiquette est déjà connue. Scannez-la pour voir d’où elle vient."),
    "labels.too_many_waiting": _l(
        "%(max)s étiquettes vierges attendent déjà un objet. Collez-les d’abord, ou réimprimez-les."
    ),
    "labels.unknown_sheet": _l("Choisissez un format de la liste."),
    "labels.nothing_to_print": _l("Choisissez au moins un objet."),
    "labels.too_many": _l(
        "%(max)s étiquettes au plus à la fois. Choisissez une étagère, ou quelques objets."
    ),
    "labels.too_long_a_list": _l("%(max)s objets au plus sur une liste. Choisissez une étagère."),
    "labels.claim.loan": _l("prêté ou réservé"),
    "labels.claim.hold": _l("mis de côté"),
    "labels.claim.own": _l("gardé par qui le possède"),
    "labels.claim.repair": _l("en réparation"),
    "labels.claim.transfer": _l("en route vers un autre lieu"),
    "labels.claim.ring": _l("promis en troc"),
    "labels.claim.gift": _l("promis"),
    "labels.claim.workshop": _l("à un atelier"),
    "labels.lost": _l("noté comme perdu"),
}
