"""What is typed about a deposit by card. What is right and wrong is said by the services."""

from wtforms import TextAreaField

from app.core.errors import Invalid
from app.core.forms import EuroField, Form, Wanted
from app.core.i18n import _l


class SumForm(Form):
    """A sum in euros, and why."""

    cents = EuroField(_l("Somme, en euros"), [Wanted()])
    why = TextAreaField(_l("Pourquoi"), [Wanted()])

    def sum(self) -> int | None:
        """In cents; `Invalid` for what cannot be read."""
        if self.cents.fault:
            raise Invalid({"cents": self.cents.fault})
        cents: int | None = self.cents.data
        return cents


class SettleForm(SumForm):
    """The sum that is due after all, and a word."""

    cents = EuroField(_l("Somme due, en euros"))
    why = TextAreaField(_l("Un mot pour les deux"))


class ContestForm(Form):
    """Why she does not agree."""

    answer = TextAreaField(_l("Ce qui n’est pas juste"), [Wanted()])
