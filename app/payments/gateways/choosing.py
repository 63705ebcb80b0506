"""Which gateway this installation has: Stripe's where it was given a key, else the counter."""

from flask import Flask, current_app

from app.payments.gateways.counter import CounterGateway
from app.payments.gateways.protocol import Gateway
from config import Config, StripeKeys


def init_app(app: Flask, config: Config) -> None:
    """Said once, when the application is made. The library of a provider is loaded when it is first asked."""
    app.extensions["movilab.gateway"] = _gateway(config.stripe)


def _gateway(keys: StripeKeys | None) -> Gateway:
    if keys is None:
        return CounterGateway()
    from app.payments.gateways.stripe import StripeGateway  # noqa: PLC0415 -- heavy, and only where it is used

    return StripeGateway(keys)


def gateway() -> Gateway:
    """Of the application at work."""
    chosen: Gateway = current_app.extensions["movilab.gateway"]
    return chosen


def takes_cards() -> bool:
    """Whether a card can be left here at all."""
    return gateway().takes_cards


def installation() -> str:
    """What tells the keys of this installation from those of another one on the same provider's account."""
    config: Config = current_app.extensions["movilab.config"]
    return config.site_url.partition("://")[2]
