"""What is typed about transfers. What is right and wrong is said by the services."""

from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField

from app.core.forms import Wanted
from app.core.i18n import _l


class TransferForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Where the object should go, and a word for those who have it."""

    to = RadioField(_l("Dans quel lieu ?"), [Wanted()], coerce=str, validate_choice=False)
    note = TextAreaField(_l("Un mot pour l’équipe"))
