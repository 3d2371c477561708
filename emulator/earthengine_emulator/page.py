"""The page on `/`: page.html beside this module, which asks the admin routes for what it shows."""

from pathlib import Path

PAGE = Path(__file__).with_name("page.html").read_bytes()
# Nothing is loaded from elsewhere, and nothing that an export is called becomes part of the page's code.
PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; img-src 'self' data:; connect-src 'self'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
