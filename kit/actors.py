"""Who does an act: written into every history row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person, an API key, a timer, a carrier, or operations at the command line.

    `name` is what history shows: an e-mail address, a key's public id, the name of a timer.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


OPERATIONS = Actor("operations", "operations")
# Somebody at a page of ours who is not logged in, such as who accepts an invitation.
VISITOR = Actor("visitor", "web")


def timer(name: str) -> Actor:
    """Return the actor for what happens by itself."""
    return Actor("timer", name)


def carrier(code: str) -> Actor:
    """Return the actor for what a carrier tells by its interface."""
    return Actor("carrier", code)


def person(email: str) -> Actor:
    """Return the actor for somebody logged in."""
    return Actor("person", email)


def key(public_id: str) -> Actor:
    """Return the actor for a signed request."""
    return Actor("key", public_id)
