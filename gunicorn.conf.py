"""How gunicorn serves MoviLab, also when it is started by hand: `gunicorn wsgi:app`.

The command line wins over this file. Threads are there for the visitors themselves: a browser opens
connections ahead of use, and a worker that can only wait for one of them at a time would stand still.
"""

import gc
import os

gc.disable()  # while the house is read in, of which nothing is thrown away; each worker has it again

bind = f"{os.environ.get('MOVILAB_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 8190
limit_request_field_size = 8190
control_socket_disable = True
accesslog = None  # The house writes its own line for each request, without query string or address.
errorlog = "-"
loglevel = "warning"


def on_starting(server):
    """The address of a request that broke may hold a token, or where somebody is: it stays out of the log."""
    server.log.error_log.addFilter(without_address)


def without_address(record):
    """Takes what stands for an address out of a line about a request."""
    if str(record.msg).startswith("Error handling request") and record.args:
        record.args = tuple("(its address)" if "/" in str(arg) else arg for arg in record.args)
    return True


def when_ready(server):  # noqa: ARG001
    """What was loaded before the workers are born stays shared with them: the collector leaves it alone."""
    from app.finding import asked  # noqa: PLC0415 - as below

    asked.get_ready()
    gc.collect()
    gc.freeze()


def post_fork(server, worker):  # noqa: ARG001
    """A database connection belongs to one process: what the parent opened is left behind. What a request leaves
    behind is mostly gone by itself: the collector looks for the rest every few of them instead of several times in
    each."""
    gc.set_threshold(10_000)
    gc.enable()
    from app.core.db import db  # noqa: PLC0415 - gunicorn reads this file before the house stands

    with server.app.wsgi().app_context():
        db.engine.dispose(close=False)
