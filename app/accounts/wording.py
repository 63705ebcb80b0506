"""The sentences of accounts."""

from app.core.i18n import _l

SENTENCES = {
    "accounts.email_no_at": _l("Il manque le @. Par exemple : nadia@exemple.fr"),
    "accounts.email_no_end": _l("Il manque la fin, après le @. Par exemple : nadia@exemple.fr"),
    "accounts.email_odd": _l("Cette adresse ne peut pas recevoir de courrier. Relisez-la lettre par lettre."),
    "accounts.email_taken": _l("Cette adresse a déjà un compte. Cherchez son nom, ou scannez sa carte."),
    "accounts.email_unconfirmed": _l(
        "Confirmez d’abord votre adresse e-mail, avec le lien que nous vous avons envoyé."
    ),
    "accounts.name_odd": _l("Écrivez un prénom que vos voisins peuvent lire."),
    "accounts.not_adult": _l(
        "Un compte s’ouvre à partir de 15 ans. Avant, on emprunte avec le compte d’un parent."
    ),
    "accounts.password_short": _l(
        "Trop court : %(min)s signes au moins. Trois mots à la suite, c’est très bien."
    ),
    "accounts.password_long": _l("Trop long : %(max)s signes au plus."),
    "accounts.password_common": _l(
        "Ce mot de passe est parmi les premiers que l’on essaie. Trois mots à la suite, c’est très bien."
    ),
    "accounts.password_about_you": _l("C’est votre nom ou votre adresse : on l’essaierait en premier."),
    "accounts.password_wrong": _l("Ce n’est pas votre mot de passe actuel."),
    "accounts.bad_credentials": _l(
        "L’adresse ou le mot de passe ne va pas. Essayez encore, ou choisissez-en un autre."
    ),
    "accounts.link_unknown": _l("Ce lien est abîmé. Copiez-le en entier, ou demandez-en un autre."),
    "accounts.link_used": _l("Ce lien a déjà servi. S’il vous en faut un autre, demandez-le."),
    "accounts.link_over": _l("Ce lien n’est plus valable. Demandez-en un autre, il arrive tout de suite."),
    "accounts.already_confirmed": _l("Votre adresse est déjà confirmée."),
    "accounts.mailed_enough": _l(
        "Nous vous avons déjà écrit plusieurs fois. Regardez dans les indésirables, ou réessayez dans une heure."
    ),
}
