"""Values: what travels between acts, made by the hundred for every batch of orders.

A frozen dataclass sets each field by a call of its own, and the garbage collector follows it; a
struct is filled in one step and left alone. Where values are few, a dataclass is as good.
"""

import msgspec


class Value(msgspec.Struct, frozen=True, gc=False):
    """The base of frozen values. They never lead back to themselves, so nobody has to look."""


replace = msgspec.structs.replace
astuple = msgspec.structs.astuple
