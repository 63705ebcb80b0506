"""What is typed about reports. What is right and wrong is said by the services."""

from wtforms import RadioField, TextAreaField

from app.core.forms import Form, Wanted, choices
from app.core.i18n import _l
from app.reports.wording import REASONS


class ReportForm(Form):
    """What is wrong, and a few words."""

    reason = RadioField(
        _l("Qu’est-ce qui ne va pas ?"), [Wanted()], choices=choices(*REASONS), validate_choice=False
    )
    text = TextAreaField(_l("En quelques mots"))
