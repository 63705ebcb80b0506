"""What is typed about transfers. What is right and wrong is said by the services."""

from wtforms import RadioField, TextAreaField

from app.core.forms import Form, Wanted
from app.core.i18n import _l


class TransferForm(Form):
    """Where the object should go, and a word for those who have it."""

    to = RadioField(_l("Dans quel lieu ?"), [Wanted()], coerce=str, validate_choice=False)
    note = TextAreaField(_l("Un mot pour l’équipe"))
