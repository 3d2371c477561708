"""Replies in Google's dress."""

import json
from typing import Any

from starlette.responses import Response

JSON = "application/json; charset=UTF-8"


def reply(content: Any, status: int = 200) -> Response:
    """A JSON reply."""
    return Response(json.dumps(content), status, media_type=JSON)
