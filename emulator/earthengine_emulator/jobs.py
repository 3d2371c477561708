"""What is asked of worker processes while somebody waits for the answer."""

import asyncio
from typing import Any

from earthengine_emulator.errors import ExportError, Refusal
from earthengine_emulator.workers import Pool

# google.rpc.Code to HTTP, for what a computation can say.
_HTTP = {3: 400, 5: 404, 7: 403, 8: 429, 9: 400, 12: 501, 13: 500}
TIMEOUT = 300.0


async def ask(pool: Pool, job: str, **arguments: Any) -> Any:
    """A job's answer. Where the client goes away or five minutes pass, the job ends.

    Raises:
        Refusal: It cannot be computed.
    """
    work = pool.submit(job, arguments)
    try:
        return await asyncio.wait_for(asyncio.wrap_future(work), TIMEOUT)
    except TimeoutError:
        raise Refusal("Computation timed out.", code=400) from None
    except ExportError as error:
        raise Refusal(error.message, code=_HTTP.get(error.code, 400)) from None
