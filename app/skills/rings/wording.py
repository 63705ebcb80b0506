"""What rings say, in French."""

from app.core.i18n import _l

SENTENCES = {
    "skills.ring_unknown": _l("Cette proposition n’existe pas, ou n’est pas pour vous."),
    "skills.ring_over": _l("C’est déjà décidé : cette proposition n’attend plus de réponse."),
    "skills.ring_gone": _l("Ce n’est plus possible : l’un des savoir-faire n’est plus proposé."),
    "tell.skills.ring_proposed": _l(
        "Vous pourriez échanger vos savoirs avec des voisins. Est-ce que cela vous dit ?"
    ),
    "tell.skills.ring_agreed": _l("Tout le monde a dit oui : proposez votre première séance."),
    "tell.skills.ring_ended": _l("Cet échange de savoirs ne se fera pas cette fois. D’autres viendront."),
}
