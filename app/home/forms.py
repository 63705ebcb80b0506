"""What is typed on the pages that belong to no other room."""

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from app.core.forms import Form, Wanted, choices
from app.core.i18n import _l


class PlaceForm(Form):
    """Where one lives, roughly: by its name, by the phone, by two numbers, or by the hub next door."""

    where = StringField(_l("Commune, code postal ou adresse"))
    hub = SelectField(_l("Le lieu-relais de mon quartier"))
    lat = StringField(_l("Latitude"))
    lon = StringField(_l("Longitude"))


class SampleForm(Form):
    """One of each kind of field, for the styleguide."""

    name = StringField(_l("Votre prénom"), [Wanted()])
    email = EmailField(_l("Votre adresse e-mail"), [Wanted()])
    place = SelectField(
        _l("Votre lieu-relais"), choices=choices(("1", "Maison des Tilleuls"), ("2", "Atelier du Canal"))
    )
    mode = RadioField(
        _l("Je veux bien"),
        choices=choices(("lend", _l("le prêter")), ("give", _l("le donner"))),
        default="lend",
    )
    tools = SelectMultipleField(
        _l("Avec"), choices=choices(("1", _l("le chargeur")), ("2", _l("la mallette")))
    )
    where = RadioField(
        _l("Où est-il ?"),
        choices=choices(("hub", _l("Au lieu-relais")), ("home", _l("Chez moi"))),
        default="hub",
    )
    note = TextAreaField(_l("Un mot"))
    photo = FileField(_l("Photo"))
    days = IntegerField(_l("Jours"), default=7)
    day = DateField(_l("Jour"))
    first = DateField(_l("du"))
    last = DateField(_l("au"))
    agree = BooleanField(_l("J’ai 15 ans ou plus"), [Wanted()])
