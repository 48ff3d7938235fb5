"""Words for what is wrong with a set of modules that was resolved."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-C001": Words(
        title=N_("{depender} needs {requirement}, which is not there"),
        explanation=N_(
            "Something that is required is missing from the set, or too old or too new."
        ),
    ),
    "RCY-C002": Words(
        title=N_("modules need each other in a circle: {circle}"),
        fix=N_("remove one of these dependencies, or make it optional"),
        explanation=N_(
            "A module boots after everything it needs; in a circle none can be first. Modules that "
            "only want to hear from each other meet on the event bus instead."
        ),
    ),
    "RCY-C003": Words(
        title=N_("an optional dependency closes a circle, and is passed over: {circle}"),
        explanation=N_(
            "An optional dependency asks to boot later than another module when that one is there. "
            "Here that cannot hold together with what is required."
        ),
    ),
    "RCY-C004": Words(
        title=N_("{module} claims the route {name}, which belongs to {first}"),
        because=N_("{first} claims it at {first_place}"),
        fix=N_("leave one of the two out, or change its route"),
        explanation=N_("Two modules cannot answer the same address."),
    ),
    "RCY-C005": Words(
        title=N_("{module} claims the route {route}, which the core itself answers"),
        fix=N_("use a route below /modules/ or /api/ that carries the module's name"),
        explanation=N_("The core answers its own pages, its health, and the list of modules."),
    ),
    "RCY-C006": Words(
        title=N_("{module} claims the slot {name}, which belongs to {first}"),
        because=N_("{first} claims it at {first_place}"),
        fix=N_('in both modules write the slot under shared_slots = ["{name}"] instead of slots'),
        explanation=N_(
            "A slot named in slots is filled by one module alone. Modules that add to the same "
            "slot all name it in shared_slots."
        ),
    ),
    "RCY-C007": Words(
        title=N_("{module} waits for the event {event}, which nobody emits"),
        because=N_("emitted here: {emitted}"),
        explanation=N_("The handler will never run, unless the event comes from outside."),
    ),
    "RCY-C008": Words(
        title=N_(
            "{module} {module_version} does not understand the event {event} as {other} "
            "{other_version} emits it"
        ),
        because=N_("{changes}"),
        fix=N_("use versions of the two modules that agree on the event"),
        explanation=N_(
            "Emitter and consumer state the version, and may state the schema, of the event's "
            "payload. A payload that the consumer's schema refuses would be set aside as dead."
        ),
    ),
    "RCY-C009": Words(
        title=N_("a setting for {module}, which is not enabled: {key}"),
        because=N_("did you mean {near}?"),
        explanation=N_("Nobody would read this setting."),
    ),
    "RCY-C022": Words(
        title=N_("a setting for {module}, which is not enabled: {key}"),
        because=N_("enabled: {known}"),
        explanation=N_("Nobody would read this setting."),
    ),
    "RCY-C021": Words(
        title=N_("{module} has no setting {key}"),
        because=N_("it has: {known}"),
        explanation=N_("The module declares its settings in its module.toml; nobody reads others."),
    ),
    "RCY-C010": Words(
        title=N_("{module} has no setting {key}"),
        because=N_("did you mean {near}?"),
        explanation=N_("The module declares its settings in its module.toml; nobody reads others."),
    ),
    "RCY-C011": Words(
        title=N_("the setting {module}.{key} does not fit"),
        because=N_("{rule} must be: {expected}"),
        explanation=N_("The module's schema, in its module.toml, says what the setting may be."),
    ),
    "RCY-C012": Words(
        title=N_("the secret {module}.{key} is written in plain text"),
        fix=N_(
            'write {{ env = "NAME" }} or {{ file = "/run/secrets/name" }}, and change the secret'
        ),
        explanation=N_(
            "Files are copied, shared and kept in git. Only a reference to a secret may stand in "
            "them; the secret itself is read at boot, and never shown."
        ),
    ),
    "RCY-C013": Words(
        title=N_("the setting {module}.{key} is missing"),
        because=N_("the module cannot work without it, and it has no default"),
        fix=N_("add it to [settings.{module}] in the profile"),
        explanation=N_("The module's schema requires this setting; no bundle or profile gives it."),
    ),
    "RCY-C014": Words(
        title=N_("the settings schema of {module} is no JSON Schema: {path}"),
        because=N_("expected: {expected}"),
        explanation=N_(
            "[settings] in a module.toml is a JSON Schema (draft 2020-12) of an object."
        ),
    ),
    "RCY-C023": Words(
        title=N_("the schema of {module}'s event {event} is no JSON Schema: {path}"),
        because=N_("expected: {expected}"),
        explanation=N_("An event's payload is an object; its schema is JSON Schema 2020-12."),
    ),
    "RCY-C015": Words(
        title=N_("{module} cannot be installed together with {other}"),
        because=N_("{module} conflicts with {requirement}"),
        explanation=N_("A module names in conflicts what it cannot live with."),
    ),
    "RCY-C016": Words(
        title=N_("{module} works with {requirement}, and {other} is at another version"),
        explanation=N_("An optional dependency need not be there; when it is, it must fit."),
    ),
    "RCY-C017": Words(
        title=N_("{module} asks for a right that Paheko does not know: {section}, {level}"),
        because=N_("known: {known}"),
        explanation=N_("Paheko silently drops such a restriction and opens the pages to all."),
    ),
    "RCY-C018": Words(
        title=N_("{module} needs {requirement}"),
        explanation=N_("One step of a circle."),
    ),
    "RCY-C020": Words(
        title=N_(
            "{module} {module_version} waits for version {wanted} of {event}, and {other} "
            "{other_version} emits version {found}"
        ),
        because=N_("it is emitted at {emitted_at}"),
        fix=N_("use versions of the two modules that agree on the event"),
        explanation=N_(
            "Without a schema on both sides, only the versions tell whether two modules mean the "
            "same by an event."
        ),
    ),
    "RCY-C019": Words(
        title=N_("{module} declares no settings, so perhaps nobody reads {key}"),
        explanation=N_(
            "The module's module.toml has no [settings]. The value is handed over; whether it is "
            "used cannot be known."
        ),
    ),
    "RCY-C024": Words(
        title=N_("{name} {version} was withdrawn by whoever publishes it"),
        because=N_("{reason}"),
        fix=N_("ask for another version, or keep it knowingly"),
        explanation=N_(
            "A withdrawn release is chosen only where exactly it is asked for, locked or "
            "installed already."
        ),
    ),
}
