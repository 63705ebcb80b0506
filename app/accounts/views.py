"""The pages of accounts: coming in, going out, oneself."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import segno
from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_login import UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app.accounts import forms, queries, services
from app.core import clock
from app.core.db import transaction
from app.core.errors import Conflict, Invalid, NotFound, Problem, TooMany
from app.core.forms import show_faults, status
from app.core.http import safe_next, spoken
from app.core.i18n import _, current_locale
from app.core.ratelimit import address, limiter
from app.core.tokens import fingerprint

blueprint = Blueprint("accounts", __name__)

Answer = str | Response | tuple[str, int]


class Browser(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """What Flask-Login needs to write the cookie: the token of the browser session."""

    def __init__(self, token: str) -> None:
        self.id = token


def _address_and_account() -> str:
    """One account tried from one address: others who try it elsewhere never lock its owner out."""
    return f"{address()} {fingerprint(request.form.get('email', '').strip().lower())[:16]}"


def _refused(response: Any) -> bool:
    """Only what failed counts: neighbours behind one address may all log in."""
    return bool(response.status_code >= 400)


@blueprint.route("/sign-up", methods=["GET", "POST"])
@limiter.limit("30 per hour", methods=["POST"])
def sign_up() -> Answer:
    if current_user.is_authenticated:
        return redirect("/")
    form = forms.SignUpForm()
    if form.is_submitted():
        try:
            new = services.prepare_sign_up(
                name=form.name.data,
                email=form.email.data,
                password=form.password.data,
                adult=form.adult.data,
                locale=current_locale(),
            )
            with transaction():
                services.sign_up(new, now=g.now)
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            return redirect(url_for(".sign_up_done"))
    return render_template("accounts/sign_up.html", form=form), status(form)


@blueprint.get("/sign-up/done")
def sign_up_done() -> Answer:
    return render_template("accounts/look_in_mailbox.html", about="sign_up")


@blueprint.route("/log-in", methods=["GET", "POST"])
@limiter.limit("100 per hour", methods=["POST"], deduct_when=_refused)
@limiter.limit("10 per 15 minutes", methods=["POST"], key_func=_address_and_account, deduct_when=_refused)
def log_in() -> Answer:
    onward = safe_next(request.values.get("next")) or "/"
    if current_user.is_authenticated and request.method == "GET":
        return redirect(onward)
    form = forms.LogInForm(next=onward)
    if not form.is_submitted():
        return render_template("accounts/log_in.html", form=form)
    resident_id = services.recognise(
        email=form.email.data,
        password=form.password.data,
        production=current_app.extensions["movilab.config"].is_production,
    )
    if resident_id is None:
        return render_template("accounts/log_in.html", form=form, refused=True), 422
    with transaction():
        token = services.let_browser_in(
            resident_id=resident_id,
            user_agent=request.user_agent.string,
            remember=form.remember.data,
            instead_of=_this_browser(),
            now=g.now,
        )
    _let_in(token, remember=form.remember.data)
    return redirect(onward)


def _let_in(token: str, *, remember: bool) -> None:
    """A cookie of its own for each log-in: what was in the old one is forgotten, the forgery token too."""
    session.clear()
    session.permanent = remember
    login_user(Browser(token))


def _this_browser() -> str | None:
    """The hash of this browser's session, when it is logged in."""
    return getattr(current_user, "session_hash", None)


@blueprint.post("/log-out")
def log_out() -> Answer:
    with transaction():
        services.show_browser_out(actor_id=current_user.id, session_hash=_this_browser())
    logout_user()
    session.clear()
    flash(_("Vous êtes déconnecté. À bientôt."), "ok")
    return redirect("/")


@blueprint.route("/confirm", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
def confirm() -> Answer:
    """The link of the mail opens a page with one button: mail programs that look at links confirm nothing."""
    token = request.values.get("token", "")
    if request.method == "GET":
        return _link_page("confirm", token, lambda: render_template("accounts/confirm.html", token=token))
    try:
        with transaction():
            services.confirm_email(token=token, now=g.now)
    except (Conflict, NotFound) as problem:
        return _link_over("confirm", problem)
    flash(_("C’est confirmé. Vous pouvez réserver et proposer des objets."), "ok")
    return redirect("/" if current_user.is_authenticated else url_for(".log_in"))


@blueprint.post("/account/confirmation")
def send_confirmation() -> Answer:
    try:
        with transaction():
            services.ask_for_confirmation(actor_id=current_user.id, now=g.now)
    except (Conflict, TooMany) as problem:
        flash(spoken(problem), "warn")
    else:
        flash(_("C’est envoyé. Regardez votre boîte aux lettres."), "ok")
    return redirect(safe_next(request.form.get("next")) or url_for(".show"))


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def forgot_password() -> Answer:
    form = forms.ForgotForm()
    if form.is_submitted():
        try:
            with transaction():
                services.ask_for_password(email=form.email.data, now=g.now)
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            return render_template("accounts/look_in_mailbox.html", about="password")
    return render_template("accounts/forgot_password.html", form=form), status(form)


@blueprint.route("/reset-password", methods=["GET", "POST"])
@limiter.limit("60 per hour", methods=["POST"])
def reset_password() -> Answer:
    token = request.values.get("token", "")
    form = forms.NewPasswordForm()

    def page() -> str:
        return render_template("accounts/reset_password.html", form=form, token=token)

    if not form.is_submitted():
        return _link_page("password", token, page)
    try:
        services.look_at_link("password", token, now=g.now)
        password_hash = services.hashed_password(form.password.data)
        with transaction():
            services.choose_password(token=token, password_hash=password_hash, now=g.now)
    except Invalid as invalid:
        show_faults(form, invalid)
        return page(), 422
    except (Conflict, NotFound) as problem:
        return _link_over("password", problem)
    flash(_("Votre nouveau mot de passe est en place. Connectez-vous."), "ok")
    return redirect(url_for(".log_in"))


def _link_page(purpose: str, token: str, page: Callable[[], str]) -> Answer:
    try:
        services.look_at_link(purpose, token, now=g.now)
    except (Conflict, NotFound) as problem:
        return _link_over(purpose, problem)
    return page()


def _link_over(purpose: str, problem: Problem) -> Answer:
    """A link that opens nothing any more, and where the next one is asked for."""
    page = render_template("accounts/link_over.html", purpose=purpose, why=spoken(problem), code=problem.word)
    return page, 404 if isinstance(problem, NotFound) else 410


def _day(at: datetime) -> date:
    return clock.day_at(at, clock.home_zone())


# -- oneself ----------------------------------------------------------------------------------------------


@blueprint.get("/account")
def show() -> Answer:
    me = queries.resident(current_user.id)
    return render_template("accounts/show.html", me=me, since=_day(me.created_at))


@blueprint.route("/account/profile", methods=["GET", "POST"])
def edit_profile() -> Answer:
    form = forms.ProfileForm(obj=queries.resident(current_user.id))
    if form.is_submitted():
        try:
            with transaction():
                services.edit_profile(
                    actor_id=current_user.id, name=form.name.data or "", locale=form.locale.data or ""
                )
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            flash(_("C’est changé."), "ok")
            return redirect(url_for(".show"))
    return render_template("accounts/profile.html", form=form), status(form)


@blueprint.get("/account/card")
def card() -> Answer:
    """The member card, on the screen and to print: its QR opens this site's own address of the code."""
    site = current_app.extensions["movilab.config"].site_url
    picture = segno.make(f"{site}/c/{current_user.code}", error="m", micro=False)
    return render_template("accounts/card.html", qr=picture.svg_data_uri(border=2, dark="#000", light="#fff"))


@blueprint.get("/account/devices")
def devices() -> Answer:
    found = queries.browsers(current_user.id, now=g.now)
    return render_template("accounts/devices.html", browsers=found, this=_this_browser())


@blueprint.post("/account/devices/<int:session_id>/end")
def end_device(session_id: int) -> Answer:
    with transaction():
        services.show_browser_out(actor_id=current_user.id, session_id=session_id)
    flash(_("Cet appareil est déconnecté."), "ok")
    return redirect(url_for(".devices"))


@blueprint.route("/account/password", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=_refused)
def change_password() -> Answer:
    form = forms.ChangePasswordForm()
    if form.is_submitted():
        try:
            me = queries.resident(current_user.id)
            if not services.password_fits(form.old_password.data or "", me.password_hash):
                raise Invalid({"old_password": "accounts.password_wrong"})
            about = (me.name, me.email or "")
            password_hash = services.hashed_password(form.password.data, about=about)
            with transaction():
                services.change_password(
                    actor_id=me.id, password_hash=password_hash, keep=_this_browser(), now=g.now
                )
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            flash(_("Votre mot de passe est changé. Les autres appareils sont déconnectés."), "ok")
            return redirect(url_for(".show"))
    return render_template("accounts/password.html", form=form), status(form)


@blueprint.route("/account/tokens", methods=["GET", "POST"])
def tokens() -> Answer:
    """Keys for programs. A new one is shown in the answer to its making, and never again."""
    form = forms.TokenForm()
    made = None
    if form.is_submitted():
        try:
            with transaction():
                made = services.make_token(
                    actor_id=current_user.id, name=form.name.data, days=form.days.data or 0, now=g.now
                )[1]
        except Invalid as invalid:
            show_faults(form, invalid)
        else:
            form = forms.TokenForm(formdata=None)
    known = [
        (token, _day(token.created_at), _day(token.expires_at))
        for token in queries.tokens(current_user.id, now=g.now)
    ]
    return render_template("accounts/tokens.html", form=form, tokens=known, made=made), status(form)


@blueprint.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Answer:
    with transaction():
        services.revoke_token(actor_id=current_user.id, token_id=token_id, now=g.now)
    flash(_("Cette clé n’ouvre plus rien."), "ok")
    return redirect(url_for(".tokens"))
