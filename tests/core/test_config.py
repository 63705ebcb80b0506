"""The settings: what production refuses, what a demo makes for itself, how the mode is found."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import PROJECT_ROOT, Config, ConfigError

GOOD_SECRET = "k3Yb7-Qm2vX9_sLr4TzWn8HcJd6Pf1Gu5"


def read(folder: Path, **variables: str) -> Config:
    return Config.from_environ({"MOVILAB_DATA": str(folder), **variables})


def test_without_mode_and_marker_it_is_production(tmp_path: Path) -> None:
    assert read(tmp_path, MOVILAB_SECRET_KEY=GOOD_SECRET).env == "production"


def test_marker_in_the_data_folder_gives_the_mode(tmp_path: Path) -> None:
    (tmp_path / "mode").write_text("demo\n")
    assert read(tmp_path).env == "demo"


def test_variable_wins_over_the_marker(tmp_path: Path) -> None:
    (tmp_path / "mode").write_text("demo")
    assert read(tmp_path, MOVILAB_ENV="production", MOVILAB_SECRET_KEY=GOOD_SECRET).env == "production"


@pytest.mark.parametrize("asked", ["staging", "DEMO", "dev"])
def test_unknown_mode_is_refused(tmp_path: Path, asked: str) -> None:
    with pytest.raises(ConfigError, match="MOVILAB_ENV"):
        read(tmp_path, MOVILAB_ENV=asked)


def test_unknown_marker_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mode").write_text("holiday")
    with pytest.raises(ConfigError, match="holiday"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("change-me", "default"),
        ("Change-Me-please-change-me-please-change", "default"),
        ("secret", "default"),
        ("a" * 60, "default"),
        (GOOD_SECRET[:31], "shorter"),
    ],
)
def test_production_refuses_a_bad_secret_and_says_how_to_make_one(
    tmp_path: Path, secret: str, fault: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        read(tmp_path, MOVILAB_ENV="production", MOVILAB_SECRET_KEY=secret)
    assert "MOVILAB_SECRET_KEY" in str(refusal.value)
    assert fault in str(refusal.value)
    assert "secrets.token_urlsafe" in str(refusal.value)


def test_production_makes_no_secret_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path, MOVILAB_ENV="production")
    assert list(tmp_path.iterdir()) == []


def test_production_refuses_the_example_s_other_secrets_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        read(
            tmp_path,
            MOVILAB_ENV="production",
            DATABASE_URL="postgresql://movilab:change-me@127.0.0.1/movilab",
            MOVILAB_SMTP_URL="smtp://mail:change-me@example.org:587",
            MOVILAB_METRICS_TOKEN="change-me",
        )
    for name in ("MOVILAB_SECRET_KEY", "DATABASE_URL", "MOVILAB_SMTP_URL", "MOVILAB_METRICS_TOKEN"):
        assert name in str(refusal.value)


def test_production_refuses_the_example_file_as_it_is(tmp_path: Path) -> None:
    lines = (PROJECT_ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    with pytest.raises(ConfigError, match="MOVILAB_SECRET_KEY is a default"):
        read(tmp_path, **example)


def test_every_variable_is_in_the_example_file() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    for name in ("config.py", "gunicorn.conf.py"):
        source = (PROJECT_ROOT / name).read_text()
        for variable in {word.strip("\"'(),[]{}:") for word in source.replace("(", " ").split()}:
            if variable.startswith("MOVILAB_") or variable in ("DATABASE_URL", "PORT", "WEB_CONCURRENCY"):
                assert f"{variable}=" in example, variable


def test_demo_makes_its_secret_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with ThreadPoolExecutor(8) as pool:
        configs = pool.map(lambda _: read(folder, MOVILAB_ENV="demo"), range(32))
        found = {config.secret_key for config in configs}
    assert len(found) == 1
    assert len(found.pop()) >= 32
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert [entry.name for entry in folder.iterdir()] == ["secret_key"]


def test_a_mail_server_of_no_known_kind_is_refused_without_its_password(tmp_path: Path) -> None:
    for wrong in ("mail.example.org:25", "http://a:hunter22@example.org", "smtp://"):
        with pytest.raises(ConfigError, match="MOVILAB_SMTP_URL must look like") as refusal:
            read(tmp_path, MOVILAB_SMTP_URL=wrong)
        assert "hunter22" not in str(refusal.value)
    assert read(tmp_path, MOVILAB_ENV="demo", MOVILAB_SMTP_URL="smtps://a:b@example.org").smtp_url


def test_secrets_stay_out_of_repr(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        MOVILAB_SECRET_KEY=GOOD_SECRET,
        DATABASE_URL="postgresql://movilab:hunter22@localhost/movilab",
        MOVILAB_SMTP_URL="smtp://mail:hunter22@localhost",
    )
    assert GOOD_SECRET not in repr(config)
    assert "hunter22" not in repr(config)


def test_rate_limits_cannot_be_lifted_in_production(tmp_path: Path) -> None:
    asked = {"MOVILAB_RATE_LIMITS": "off", "MOVILAB_SECRET_KEY": GOOD_SECRET}
    assert read(tmp_path, MOVILAB_ENV="production", **asked).rate_limits is True
    assert read(tmp_path, MOVILAB_ENV="demo", **asked).rate_limits is False
    assert read(tmp_path, MOVILAB_ENV="demo").rate_limits is True


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_through_psycopg_3(tmp_path: Path, scheme: str) -> None:
    config = read(tmp_path, MOVILAB_ENV="demo", DATABASE_URL=f"{scheme}://u:p@h/d?sslmode=require")
    assert config.database_url == "postgresql+psycopg://u:p@h/d?sslmode=require"


def test_embedded_database_stands_in_the_data_folder(tmp_path: Path) -> None:
    config = read(tmp_path, MOVILAB_ENV="demo")
    assert config.database_url == f"sqlite:///{tmp_path}/movilab.sqlite3"


def test_data_folder_counts_from_the_project() -> None:
    assert Config.from_environ({"MOVILAB_SECRET_KEY": GOOD_SECRET, "MOVILAB_ENV": "production"}).folder == (
        PROJECT_ROOT / "var"
    )


def test_site_address_follows_the_port(tmp_path: Path) -> None:
    assert read(tmp_path, MOVILAB_ENV="demo", PORT="8123").site_url == "http://127.0.0.1:8123"
    asked = read(tmp_path, MOVILAB_ENV="demo", MOVILAB_SITE_URL="https://prets.example.org/")
    assert asked.site_url == "https://prets.example.org"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "70000"),
        ("WEB_CONCURRENCY", "-1"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "movilab.sqlite3"),
        ("MOVILAB_TIMEZONE", "Europe/Atlantis"),
        ("MOVILAB_RATE_LIMITS", "maybe"),
        ("MOVILAB_SITE_URL", "prets.example.org"),
        ("MOVILAB_LOG_LEVEL", "chatty"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        read(tmp_path, MOVILAB_ENV="demo", **{variable: value})


PRODUCTION = {"MOVILAB_ENV": "production", "MOVILAB_SECRET_KEY": GOOD_SECRET}
STRIPE = {
    "STRIPE_SECRET_KEY": "sk_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


def test_without_a_key_nobody_pays_by_card(tmp_path: Path) -> None:
    assert read(tmp_path, **PRODUCTION, STRIPE_WEBHOOK_SECRET="whsec_1").stripe is None


@pytest.mark.parametrize("left_out", ["STRIPE_WEBHOOK_SECRET", "STRIPE_PUBLISHABLE_KEY"])
def test_production_refuses_half_a_set_of_keys_and_says_where_the_rest_is(
    tmp_path: Path, left_out: str
) -> None:
    half = {name: value for name, value in STRIPE.items() if name != left_out}
    with pytest.raises(ConfigError, match=f"{left_out} is missing.*dashboard") as refusal:
        read(tmp_path, **PRODUCTION, **half)
    assert "sk_1" not in str(refusal.value)


def test_production_asks_stripe_itself_and_nobody_else(tmp_path: Path) -> None:
    elsewhere = {"STRIPE_API_BASE": "http://127.0.0.1:1", "STRIPE_JS_URL": "http://127.0.0.1:1/js"}
    live = read(tmp_path, **PRODUCTION, **STRIPE, **elsewhere).stripe
    test = read(tmp_path, MOVILAB_ENV="test", **STRIPE, **elsewhere).stripe
    assert live is not None
    assert test is not None
    assert (live.api_base, live.js_url) == (None, "https://js.stripe.com/v3/")
    assert (test.api_base, test.js_url) == (elsewhere["STRIPE_API_BASE"], elsewhere["STRIPE_JS_URL"])
    assert "sk_1" not in repr(live)
    assert "whsec_1" not in repr(live)
