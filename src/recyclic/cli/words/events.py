"""Words for what can stop or weaken the bus."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-B001": Words(
        title=N_("the event server at {address} cannot be reached"),
        because=N_("{reason}"),
        fix=N_("start the server, or correct [events] url in the profile"),
        explanation=N_(
            "The bus connects when the site boots. Once it is running, a server that goes away is "
            "waited for: nothing is lost and nothing needs a restart."
        ),
    ),
    "RCY-B002": Words(
        title=N_("the event server's {setting} is {value}, which breaks a promise of the bus"),
        fix=N_("set {setting} to {wanted} at the server"),
        explanation=N_(
            "An evicting server throws away events that nobody has handled yet; one that does not "
            "write its log forgets them when it ends. [events] durability says what is promised; "
            "with strict = true any weakness is refused rather than warned of."
        ),
    ),
    "RCY-B003": Words(
        title=N_("the event {event} could not be published"),
        because=N_("{reason}"),
        explanation=N_(
            "The server was away for longer than emit_timeout_s, or refused. What must not be lost "
            "belongs in the outbox: bus.within(session).emit(...) needs no server at all."
        ),
    ),
    "RCY-B004": Words(
        title=N_("the payload of {event} cannot be published"),
        because=N_("{reason}"),
        explanation=N_(
            "A payload is a JSON object, or pydantic models that become one, of at most "
            "max_payload_bytes. Larger things belong in a file or a database, with their address "
            "in the event."
        ),
    ),
    "RCY-B005": Words(
        title=N_("{handler} cannot handle {event}"),
        because=N_("{reason}"),
        explanation=N_("A handler is an async function; its options are those of EventBus.on."),
    ),
    "RCY-B006": Words(
        title=N_("the events on this server belong to the site {owner}, not to {site}"),
        because=N_("both would handle each other's events under the prefix {prefix}"),
        fix=N_('give this site a prefix of its own: [events] prefix = "{site}:events:"'),
        explanation=N_(
            "The first site that uses a prefix on a server owns it. Several sites share a server "
            "with one prefix each, or one database number each."
        ),
    ),
    "RCY-B007": Words(
        title=N_("{url} is not the address of an event server"),
        because=N_("{reason}"),
        fix=N_("for example redis://localhost:6379/0 or unix:///run/redis/redis.sock"),
        explanation=N_(
            "Known forms: redis://, rediss:// (TLS), valkey://, unix://, "
            "redis+sentinel://host:26379/master, redis+cluster://host:7000, memory:// (tests)."
        ),
    ),
    "RCY-B008": Words(
        title=N_("the site's own event server does not start"),
        because=N_("{reason}"),
        fix=N_("see {folder}/valkey.log"),
        explanation=N_(
            "Without [events] url a site runs a valkey-server of its own, in its data folder, on a "
            "Unix socket. A full disk and a folder of another user are the usual reasons."
        ),
    ),
    "RCY-B009": Words(
        title=N_("the payload of {event} does not fit version {version} of its schema"),
        because=N_("{reason}"),
        explanation=N_("The schema is the one the emitting module's manifest names."),
    ),
    "RCY-B010": Words(
        title=N_("no event and no dead letter has the id {id}"),
        fix=N_("recyclic events dead"),
        explanation=N_("Handled events are removed once retention_s has passed."),
    ),
    "RCY-B011": Words(
        title=N_("{module} does not listen to {event}"),
        because=N_("known there: {known}"),
        fix=N_("recyclic events groups"),
        explanation=N_("A module listens from the first boot in which it registered a handler."),
    ),
    "RCY-B012": Words(
        title=N_("entries of several events have the id {id}: {events}"),
        fix=N_("say which event's is meant: --event NAME"),
        explanation=N_(
            "The event server numbers each event's entries by the millisecond, so two that were "
            "written at the same time may have the same number. An event's own id is unique."
        ),
    ),
    "RCY-B013": Words(
        title=N_("the audit has no line with the id {id}"),
        fix=N_("recyclic events audit"),
        explanation=N_("A line has an id of its own, which is the first thing of it in the list."),
    ),
    "RCY-B014": Words(
        title=N_("the event server at {address} refuses"),
        because=N_("{reason}"),
        fix=N_("see what the event server's own log says, and what its user may do (docs/bus.md)"),
        explanation=N_(
            "The first word of the reason tells the kind: NOPERM, the user may not; WRONGTYPE, "
            "another program keeps something else under one of the bus's keys; OOM and MISCONF, "
            "its memory or its disk is full; READONLY, it is a replica."
        ),
    ),
    "RCY-B030": Words(
        title=N_("an event does not go there and back at {address}"),
        because=N_("{reason}"),
        fix=N_("recyclic doctor; look at the event server's own log, its memory and its disk"),
        explanation=N_(
            "A probe was to be stored, delivered, acknowledged and removed, as every event is. A "
            "server that answers may still refuse to write: its memory or disk is full, it is a "
            "replica, or the user may not."
        ),
    ),
    "RCY-B022": Words(
        title=N_("the event server keeps nothing on disk: {setting} is {value}"),
        because=N_("every event that is not handled yet is lost when it ends"),
        fix=N_("set {setting} to {wanted} at the server"),
        explanation=N_("The bus works, at durability memory."),
    ),
    "RCY-B023": Words(
        title=N_("a killed event server can forget its last two seconds: {setting} is {value}"),
        because=N_("it answers before its log is written"),
        fix=N_("set {setting} to {wanted} at the server"),
        explanation=N_(
            "With everysec an acknowledged event can be lost when the server is killed while its "
            "disk is slow. Valkey can be asked to answer once its log is written, "
            "which the bus does; before that, and against power cuts, only always helps. Events "
            "from an outbox are safe either way."
        ),
    ),
    "RCY-B024": Words(
        title=N_("the event server does not tell its settings"),
        because=N_("CONFIG GET is not allowed to this user"),
        fix=N_("make sure that {setting} is {wanted} there"),
        explanation=N_("The bus works, but cannot check what it promises."),
    ),
}
