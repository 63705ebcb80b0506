"""The sentences of time accounts: what goes wrong, what an entry was for, what is told."""

from app.core.i18n import _l

SENTENCES = {
    "ledger.unknown": _l("Cette écriture n’existe pas, ou elle ne vous concerne pas."),
    "ledger.nobody": _l("Nous ne trouvons personne à ce nom ou à ce code."),
    "ledger.same_account": _l("On ne se donne pas des heures à soi-même."),
    "ledger.limit_reached": _l("Il n’y a plus assez d’heures sur le compte temps de qui reçoit l’aide : il faut d’abord en donner un peu."),
    "ledger.giver_full": _l("Le compte temps de qui donne est plein : il est temps pour cette personne d’en profiter."),
    "ledger.more_than_you_have": _l("On donne des heures que l’on a : il n’y en a pas autant sur votre compte."),
    "ledger.reserved_already": _l("Ces heures sont déjà réservées."),
    "ledger.not_reserved": _l("Ces heures ne sont plus réservées."),
    "ledger.is_reversal": _l("C’est déjà une correction : elle ne se corrige pas."),
    "ledger.not_ones_own": _l("Cet échange vous concerne : demandez à une autre personne qui coordonne de le corriger."),
    "ledger.not_ones_own_shift": _l("Une autre personne qui coordonne note vos propres heures."),
    "ledger.shift_known": _l("Ce moment est déjà noté pour cette personne."),
    "ledger.no_volunteer": _l("Choisissez quelqu’un qui tient le comptoir ici."),
    "ledger.not_that_day": _l("Un jour passé, depuis %(days)s jours au plus."),
    "ledger.kind.session": _l("Séance"),
    "ledger.kind.workshop": _l("Atelier animé"),
    "ledger.kind.shift": _l("Heures au comptoir"),
    "ledger.kind.gift": _l("Heures offertes"),
    "ledger.kind.reversal": _l("Correction"),
    "tell.time.gift": _l("%(other)s vous offre %(hours)s."),
    "tell.time.gift_hub": _l("%(other)s offre %(hours)s à %(hub)s."),
    "tell.time.shift": _l("%(other)s vous donne %(hours)s pour votre temps au comptoir. Merci !"),
    "tell.time.given_back": _l("Une erreur est corrigée : de %(other)s, %(hours)s vous reviennent. %(why)s"),
    "tell.time.given_back_hub": _l("Une erreur est corrigée : de %(other)s, %(hours)s reviennent à %(hub)s. %(why)s"),
    "tell.time.taken_back": _l("Une erreur est corrigée : à %(other)s retournent %(hours)s. %(why)s"),
    "tell.time.taken_back_hub": _l("Une erreur est corrigée : de %(hub)s à %(other)s retournent %(hours)s. %(why)s"),
    "tell.time.near_paying": _l("Il reste %(hours)s avant la limite de votre compte temps. Donner un peu de temps la fait reculer."),
    "tell.time.near_receiving": _l("Votre compte temps est presque plein : encore %(hours)s. C’est le moment d’apprendre quelque chose."),
}  # fmt: skip
