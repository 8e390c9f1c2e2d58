"""A thin typed client of the Huopan distributor API; needs nothing but Python."""

from huopan_client.callbacks import CallbackRefused, verify
from huopan_client.client import Client, Placed
from huopan_client.problems import Failure, OutcomeUnknown, Problem, Unreachable
from huopan_client.transport import Answer

__all__ = [
    "Answer",
    "CallbackRefused",
    "Client",
    "Failure",
    "OutcomeUnknown",
    "Placed",
    "Problem",
    "Unreachable",
    "verify",
]
