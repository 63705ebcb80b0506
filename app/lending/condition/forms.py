"""What is typed about how an object looks. What is right and wrong is said by the service."""

from wtforms import HiddenField, TextAreaField

from app.core.forms import Form
from app.core.i18n import _l
from app.items.forms import PhotoField


class ConditionForm(Form):
    """A word, a photo, or both."""

    text = TextAreaField(_l("Ce que vous voyez"))
    photo = PhotoField(_l("Une photo"))
    staged = HiddenField()
