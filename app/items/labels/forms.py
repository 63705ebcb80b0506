"""What is chosen before labels are printed, and what is said of an object that gets a sticker."""

from wtforms import SelectField, StringField

from app.core.forms import CountField, Form, choices
from app.core.forms import Wanted as Required
from app.core.i18n import _l
from app.items.labels.formats import SHEETS, USUAL

SHEET_WORDS = (
    ("L7160", _l("63,5 × 38,1 mm, 21 par feuille (Avery L7160)")),
    ("L7163", _l("99,1 × 38,1 mm, 14 par feuille (Avery L7163)")),
    ("L4736REV", _l("45,7 × 21,2 mm, 48 par feuille (Avery L4736)")),
    ("L7651", _l("38,1 × 21,2 mm, 65 par feuille (Avery L7651)")),
    ("L4732REV", _l("35,6 × 16,9 mm, 80 par feuille (Avery L4732)")),
    ("A4", _l("63 × 29 mm, 27 par feuille, papier ordinaire à découper")),
)
assert [name for name, _words in SHEET_WORDS] == list(SHEETS)


class PrintForm(Form):
    """Which sheet lies in the printer, and where its first label is that is still there. Sent as an address."""

    class Meta:
        csrf = False

    sheet = SelectField(_l("Format"), choices=choices(*SHEET_WORDS), default=USUAL, validate_choice=False)
    start = CountField(_l("Première étiquette libre"), default=1)


class BlankForm(Form):
    """How many blank stickers."""

    count = CountField(_l("Combien d’étiquettes ?"), [Required()], default=SHEETS[USUAL].count)


class StickForm(Form):
    """A new object, as short as can be: the rest is said later."""

    title = StringField(_l("C’est quoi ?"), [Required()])
    category = SelectField(_l("Rayon"), [Required()], validate_choice=False)
    shelf = StringField(_l("Étagère"))
