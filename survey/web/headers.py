"""Headers that every answer carries; a route that needs its own sets them, and they stay."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script, no inline style, nothing from elsewhere, in nobody's frame."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # An open form's address carries its token: it goes to nobody else.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(),"
    " payment=(), publickey-credentials-get=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

YEAR = 365 * 24 * 3600


def init_headers(app: Flask, public_url: str) -> None:
    """Add the headers to every answer, and HSTS where the site is served by TLS."""
    headers = dict(HEADERS)
    if public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"

    @app.after_request
    def add(response: Response) -> Response:
        own = {name.lower() for name, _ in response.headers}
        for name, value in headers.items():
            if name.lower() not in own:
                response.headers.add(name, value)
        if request.endpoint == "static" and response.status_code in (200, 206, 304):
            _keep_static(response)
        return response


def no_store(response: Response) -> Response:
    """Let nobody keep an answer that is one person's, nor list it; for ``after_request``."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _keep_static(response: Response) -> None:
    """Let browsers keep what can never change under its address: versioned files and fonts."""
    if "v" in request.args or request.path.endswith(".woff2"):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
