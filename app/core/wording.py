"""The sentences that belong to no room: what went wrong on the way, in general."""

from app.core.i18n import _l

SENTENCES = {
    "core.unknown": _l("Quelque chose n’a pas marché. Essayez encore dans un instant."),
    "core.invalid": _l("Il y a quelque chose à corriger."),
    "core.not_found": _l("Cette page n’existe pas, ou n’est pas pour vous."),
    "core.stale": _l("Quelqu’un a changé ceci entre-temps. Relisez, puis recommencez."),
    "core.conflict": _l("Quelqu’un vient de changer ceci. Relisez, puis recommencez."),
    "core.busy": _l("Beaucoup de monde en ce moment. Essayez encore dans un instant."),
    "core.database_away": _l("Le site se repose un instant. Rien n’est perdu, essayez encore."),
    "core.log_in_first": _l("Connectez-vous d’abord."),
    "core.bad_token": _l("Cette clé d’accès n’est plus valable. Faites-en une autre."),
    "core.too_many": _l("Trop d’essais à la suite. Attendez un peu, puis recommencez."),
    "core.malformed": _l("La demande est illisible."),
    "core.csrf": _l("La page est restée ouverte trop longtemps. Envoyez-la encore une fois."),
    "core.idempotency_key_reused": _l("Cette clé d’idempotence a déjà servi à autre chose."),
    "core.idempotency_race": _l("La même demande est en cours. Attendez sa réponse."),
    "core.bad_idempotency_key": _l("La clé d’idempotence a 1 à 128 signes ASCII visibles."),
    "core.bad_cursor": _l("Ce curseur ne vient pas d’ici."),
    "core.required": _l("À remplir."),
    "core.too_long": _l("Trop long : %(max)s caractères au plus."),
    "core.too_short": _l("Trop court : %(min)s caractères au moins."),
    "core.not_text": _l("Ce texte contient des caractères illisibles."),
    "core.not_a_choice": _l("Choisissez dans la liste."),
    "core.out_of_range": _l("Entre %(min)s et %(max)s."),
    "core.not_a_number": _l("Un nombre entier, en chiffres."),
    "core.not_a_date": _l("Écrivez la date ainsi : 2026-11-27."),
    "core.too_large": _l("C’est trop lourd : 10 Mo au plus."),
    "core.photo_missing": _l("Choisissez une photo."),
    "core.photo_heic": _l(
        "Cette photo est au format HEIC, que nous ne lisons pas. Dans les réglages de l’appareil photo, choisissez "
        "« Le plus compatible », ou envoyez une capture d’écran."
    ),
    "core.photo_of_another_kind": _l(
        "Ce n’est pas une photo que nous savons lire. Envoyez un JPEG, un PNG ou un WebP."
    ),
    "core.photo_damaged": _l("Cette photo est abîmée, elle s’arrête en route. Envoyez-la encore une fois."),
    "core.photo_too_many_pixels": _l("Cette photo est trop grande : 40 millions de pixels au plus."),
    "core.already_delivered": _l("C’est déjà fait."),
    "core.status_400": _l("Demande illisible"),
    "core.status_401": _l("Connexion nécessaire"),
    "core.status_403": _l("Ce n’est pas permis"),
    "core.status_404": _l("Introuvable"),
    "core.status_405": _l("Cela ne se fait pas ici"),
    "core.status_409": _l("Ce n’est pas possible maintenant"),
    "core.status_410": _l("Ce n’est plus là"),
    "core.status_412": _l("Changé entre-temps"),
    "core.status_413": _l("Trop lourd"),
    "core.status_414": _l("Adresse trop longue"),
    "core.status_415": _l("Type de fichier inconnu"),
    "core.status_422": _l("À corriger"),
    "core.status_429": _l("Trop d’essais"),
    "core.status_431": _l("Demande trop longue"),
    "core.status_500": _l("Une erreur de notre côté"),
    "core.status_503": _l("Pas maintenant"),
    "core.not_a_place": _l("Ce lieu n’est pas sur la carte."),
}
