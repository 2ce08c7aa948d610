"""Gunicorn for a local start and for production; GUNICORN_CMD_ARGS overrides any line here."""

import os
import socket
import sys

bind = "127.0.0.1:8000"
# One request a process: threads fighting for SQLite's one write lock lengthen the tail tenfold.
worker_class = "sync"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Each worker makes the application itself, so no database connection is shared across a fork.
preload_app = False
timeout = 60
accesslog = None
# Gunicorn's own control socket would be one more way in, and nothing here uses it.
control_socket_disable = True

PAGES = {
    "/": "the city's page (English: /en/)",
    "/don-vi/": "all units",
    "/linh-vuc/": "all fields",
    "/dang-nhap": "sign-in of staff",
    "/kiosk/": "this browser as a kiosk, with a code from /quan-tri/thiet-bi",
}


def when_ready(server):
    """Keep idle connections from the workers, and say where to look."""
    # Browsers open connections ahead of use; without this one of them holds a sync worker until
    # the timeout. With it the kernel hands a connection over once its request has arrived.
    for listener in server.LISTENERS:
        if hasattr(socket, "TCP_DEFER_ACCEPT") and listener.sock.family != socket.AF_UNIX:
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5)
    address = os.environ.get("PUBLIC_URL") or str(server.LISTENERS[0])
    print("\nHài Lòng is ready. Open:", file=sys.stderr)
    for path, page in PAGES.items():
        print(f"  {address}{path:<12} {page}", file=sys.stderr)
    print(file=sys.stderr, flush=True)
