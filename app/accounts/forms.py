"""What is typed about accounts."""

from wtforms import BooleanField, EmailField, HiddenField, PasswordField, RadioField, SelectField, StringField

from app.core.forms import Form, Wanted, choices
from app.core.i18n import _l


class SignUpForm(Form):
    name = StringField(_l("Votre prénom"), [Wanted()])
    email = EmailField(_l("Votre adresse e-mail"), [Wanted()])
    password = PasswordField(_l("Un mot de passe"), [Wanted()])
    adult = BooleanField(_l("J’ai 15 ans ou plus"), [Wanted()])


class LogInForm(Form):
    email = EmailField(_l("Votre adresse e-mail"), [Wanted()])
    password = PasswordField(_l("Votre mot de passe"), [Wanted()])
    remember = BooleanField(_l("Rester connecté sur cet appareil"), default=True)
    next = HiddenField()


class ForgotForm(Form):
    email = EmailField(_l("Votre adresse e-mail"), [Wanted()])


class NewPasswordForm(Form):
    password = PasswordField(_l("Le nouveau mot de passe"), [Wanted()])


class ChangePasswordForm(Form):
    old_password = PasswordField(_l("Le mot de passe actuel"), [Wanted()])
    password = PasswordField(_l("Le nouveau mot de passe"), [Wanted()])


class ProfileForm(Form):
    name = StringField(_l("Votre prénom"), [Wanted()])
    locale = RadioField(_l("La langue du site"), choices=choices(("fr", "Français"), ("en", "English")))


class TokenForm(Form):
    name = StringField(_l("À quoi sert cette clé ?"), [Wanted()])
    days = SelectField(
        _l("Valable"),
        coerce=int,
        choices=choices((30, _l("30 jours")), (90, _l("90 jours")), (365, _l("un an"))),
        default=90,
    )
