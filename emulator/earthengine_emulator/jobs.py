"""What is asked of worker processes while somebody waits for the answer."""

import asyncio
import time
from typing import Any

from starlette.requests import Request

from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.workers import Pool

# google.rpc.Code to HTTP, for what a computation can say.
_HTTP = {3: 400, 5: 404, 7: 403, 8: 429, 9: 400, 12: 501, 13: 500}
TIMEOUT = 300.0
LOOK_SECONDS = 0.2


async def ask(request: Request, pool: Pool, job: str, **arguments: Any) -> Any:
    """A job's answer. Where the client goes away, or after five minutes, the job is ended.

    Raises:
        Refusal: It cannot be computed.
    """
    answer = asyncio.wrap_future(pool.submit(job, arguments))
    deadline = time.monotonic() + TIMEOUT
    while not (await asyncio.wait([answer], timeout=LOOK_SECONDS))[0]:
        if time.monotonic() > deadline or await request.is_disconnected():
            answer.cancel()
            raise Refusal("Computation timed out.", code=400)
    try:
        return answer.result()
    except ExportError as error:
        raise Refusal(error.message, code=_HTTP.get(error.code, 400)) from None
