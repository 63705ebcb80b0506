"""The form that takes a table."""

from wtforms import FileField, SelectField

from app.core.forms import Form
from app.core.forms import Wanted as Required
from app.core.i18n import _l


class TableForm(Form):
    """A file, and the shelf for what has none that is known here."""

    file = FileField(_l("Le fichier"), [Required()])
    category = SelectField(_l("Rayon des objets qui n’en ont pas, ou pas d’ici"), validate_choice=False)
