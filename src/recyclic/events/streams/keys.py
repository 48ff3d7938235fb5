"""Which key holds what.

An event's own stream is exactly ``prefix + name``. All that belongs to it is named
``{prefix + name}:...``: by the cluster's rule the braces make these hash like the stream's plain
name, so that one script reaches all of them on one slot.

Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
"""

from dataclasses import dataclass

WAITING = "waiting"
"""The consumer that owns what nobody runs now: retries to come, and what was handed back."""


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of one site."""

    prefix: str

    def stream(self, event: str) -> str:
        """The stream of one event."""
        return self.prefix + event

    def dead(self, event: str) -> str:
        """The stream of the event's dead letters, of all modules."""
        return f"{{{self.prefix}{event}}}:dead"

    def state(self, event: str, module: str) -> str:
        """Hash: entry id to the JSON of each handler's fate, while not all are done."""
        return f"{{{self.prefix}{event}}}:state:{module}"

    def due(self, event: str, module: str) -> str:
        """Sorted set: entry id by the server's time, in ms, when it may be handled again."""
        return f"{{{self.prefix}{event}}}:due:{module}"

    def after(self, event: str, module: str) -> str:
        """Hash: entry id to the entry of the same key that waits for it."""
        return f"{{{self.prefix}{event}}}:after:{module}"

    def of_entry(self, event: str, module: str) -> list[str]:
        """Where one module's entries of an event are and what is kept of them, as scripts take
        it: stream, state, due, after."""
        return [
            self.stream(event),
            self.state(event, module),
            self.due(event, module),
            self.after(event, module),
        ]

    def last(self, event: str) -> str:
        """Hash: ordering key to the last entry emitted with it."""
        return f"{{{self.prefix}{event}}}:last"

    def modules(self, event: str) -> str:
        """Hash: module to the JSON of what it registered and when it was last seen."""
        return f"{{{self.prefix}{event}}}:modules"

    def sent(self, event: str, event_id: str) -> str:
        """Present while a relayed event must not be stored a second time."""
        return f"{{{self.prefix}{event}}}:sent:{event_id}"

    @property
    def site(self) -> str:
        """The name of the site that owns the prefix. No event's name begins with a dot."""
        return f"{self.prefix}.site"

    @property
    def audit(self) -> str:
        """Stream of what operators did: requeued, discarded, replayed, forgot."""
        return f"{self.prefix}.audit"

    def probe(self, name: str) -> str:
        """The stream of one round trip; hidden, as no event's name begins with a dot."""
        return f"{self.prefix}.probe.{name}"

    def channel(self, name: str) -> str:
        """The Pub/Sub channel of ephemeral notices."""
        return f"{self.prefix}.ephemeral.{name}"

    def latest(self, name: str) -> str:
        """The last ephemeral notice of a channel."""
        return f"{self.prefix}.latest.{name}"

    def event_of(self, stream: str) -> str | None:
        """The event whose stream this is, or None for any other key."""
        name = stream[len(self.prefix) :]
        return name if stream.startswith(self.prefix) and name and name[0] != "." else None
