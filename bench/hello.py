"""The yardstick: a bare Flask view under the same server."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Nothing but Flask and gunicorn."""
    return "hello"
