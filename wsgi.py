"""What a web server runs: `gunicorn wsgi:app`, and what commands run in: `flask --app wsgi`."""

import os

from werkzeug.middleware.proxy_fix import ProxyFix

from app import create_app
from config import Config

config = Config.from_environ(os.environ)
app = create_app(config)
if config.proxies:
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=config.proxies)  # type: ignore[method-assign]  # as Flask's documentation does it
