"""What a web server runs: `gunicorn wsgi:app`, and what commands run in: `flask --app wsgi`."""

import os

from app import create_app
from config import Config

app = create_app(Config.from_environ(os.environ))
