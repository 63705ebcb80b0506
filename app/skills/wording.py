"""What skills say, in French."""

from app.core.i18n import _l

SENTENCES = {
    "skills.unknown": _l("Ce savoir-faire n’est plus proposé, ou n’est pas pour vous."),
    "skills.nothing_shown": _l("Cette personne ne propose et ne cherche rien en ce moment."),
    "skills.only_hers": _l("Seule la personne concernée peut changer cela."),
    "skills.has_email": _l("Cette personne a une adresse e-mail : elle peut le faire elle-même."),
    "skills.not_member_here": _l("Cette personne n’est pas membre de ce lieu."),
    "skills.email_unconfirmed": _l(
        "Confirmez d’abord votre adresse : le lien est dans l’e-mail que nous vous avons envoyé."
    ),
    "skills.too_many": _l("Vous en avez déjà %(max)s : fermez-en un avant d’en ajouter."),
    "skills.closed": _l("C’est fermé. Rouvrez-le avant de le changer."),
    "skills.some_mode": _l("Choisissez au moins un endroit."),
    "skills.too_many_languages": _l("%(max)s langues au plus."),
    "skills.too_many_windows": _l("%(max)s plages au plus."),
    "skills.window_short": _l("Une plage dure au moins %(min)s minutes, et finit le même jour."),
    "skills.not_a_time": _l("Écrivez l’heure ainsi : 14:30."),
    "skills.hub_unknown": _l("Ce lieu n’est pas connu."),
    "skills.suspended_there": _l("Votre adhésion à ce lieu est suspendue. Choisissez-en un autre."),
    "skills.no_home": _l("Choisissez un lieu, ou dites d’abord où vous habitez."),
}
