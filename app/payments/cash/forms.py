"""What is typed at the cash box."""

from wtforms import HiddenField, RadioField, StringField, TextAreaField

from app.core.forms import EuroField, Form, Wanted, choices
from app.core.i18n import _l
from app.payments.cash.rules import MEANS

MEANS_WORDS = {"cash": _l("Espèces"), "cheque": _l("Chèque"), "transfer": _l("Virement")}


class CountForm(Form):
    counted_cents = EuroField(_l("Compté dans la caisse, en euros"), [Wanted()])
    note = TextAreaField(_l("Si la somme n’est pas celle attendue, un mot"))


class BankForm(Form):
    cents = EuroField(_l("Porté à la banque, en euros"), [Wanted()])
    once = HiddenField()


class WhoForm(Form):
    code = StringField(_l("Carte de membre"), [Wanted()])


class PayForm(Form):
    subject = HiddenField()
    way = HiddenField()
    cents = EuroField(_l("Somme, en euros"), [Wanted()])
    means = RadioField(
        _l("Comment ?"), choices=choices(*((one, MEANS_WORDS[one]) for one in MEANS)), validate_choice=False
    )
    once = HiddenField()


class ReverseForm(Form):
    why = TextAreaField(_l("Pourquoi ?"), [Wanted()])
