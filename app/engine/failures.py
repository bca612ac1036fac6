"""What a failed job says to a visitor."""

import logging
from concurrent.futures import Future
from typing import Any

from nnit.errors import UserError

_logger = logging.getLogger(__name__)
UNEXPECTED = (
    "something went wrong that this page does not know; the log of the server has the details"
)


def failure_of(future: "Future[Any]") -> str | None:
    """What went wrong in a finished job, in one sentence; `None` if nothing did."""
    if future.cancelled():
        return "it was cancelled"
    error = future.exception()
    if error is None:
        return None
    if isinstance(error, UserError):
        return str(error)
    _logger.error("a job failed", exc_info=error)
    return UNEXPECTED
