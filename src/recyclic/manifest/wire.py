"""pydantic models shaped exactly like the files; ``schemas/*.json`` come from them."""

from typing import Annotated, Any, Literal

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from recyclic.manifest.values import (
    AnyRange,
    BundleKey,
    BundleRange,
    CapabilityRange,
    EventKey,
    EventSchema,
    ExtensionKey,
    ExtensionRange,
    ExtensionWish,
    FormatOne,
    LockKey,
    ModuleId,
    ModuleKey,
    ModuleRange,
    PrefixedKey,
    PythonRange,
    Range,
    RangeOrOff,
    Secret,
    SecretOrText,
    SectionText,
    Sha256,
    SiteKey,
    Text,
    TreeHash,
    VersionOrOut,
    VersionText,
    VersionValue,
    Yanked,
)

Settings = dict[ModuleKey, dict[str, Any]]


class Wire(BaseModel):
    """Base of all: nothing is coerced, nothing unknown is passed over."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True
    )


class PermissionsWire(Wire):
    """Who may use the module, in the words of Paheko's rights."""

    section: SectionText
    level: Literal["none", "read", "write", "admin"]


class UiWire(Wire):
    """What the module adds to a front end."""

    routes: list[Text] = []
    slots: list[Text] = Field([], description="Slots that this module alone fills.")
    shared_slots: list[Text] = Field([], description="Slots that it adds to beside others.")


class DependenciesWire(Wire):
    """What the module needs, tolerates and offers."""

    modules: list[ModuleRange] = Field([], description='Modules or capabilities: "caisse>=0.1,<1".')
    python: list[PythonRange] = Field([], description='PEP 508: "httpx>=0.27".')
    paheko: list[ExtensionRange] = Field([], description="Paheko extensions that must be enabled.")
    optional: list[ModuleRange] = Field(
        [], description="Never pulled in; if present, must fit, and boots first."
    )
    conflicts: list[ModuleRange] = Field([], description="May not be present.")
    provides: list[CapabilityRange] = Field(
        [], description='Capabilities: "accounting-export==1.0".'
    )
    core: Range = Field(SpecifierSet(), description="Versions of recyclic.")
    python_version: Range = Field(SpecifierSet(), description="Versions of Python.")
    paheko_version: Range = Field(SpecifierSet(), description="Versions of Paheko itself.")


class EventWire(Wire):
    """One event with the version and the schema of its payload."""

    name: EventKey
    version: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    schema_: EventSchema = Field(
        None, alias="schema", description="A JSON Schema: a file beside, or the schema itself."
    )


TEXT_TAG, TABLE_TAG = "<text>", "<table>"
"""What pydantic adds to an error's path below; no key of a manifest is spelt like this."""

EventEntry = Annotated[
    Annotated[EventKey, Tag(TEXT_TAG)] | Annotated[EventWire, Tag(TABLE_TAG)],
    Discriminator(lambda value: TABLE_TAG if isinstance(value, (dict, EventWire)) else TEXT_TAG),
]


class EventsWire(Wire):
    """What the module emits, and what it wants to hear of."""

    emits: list[EventEntry] = []
    consumes: list[EventEntry] = []


class RuntimeWire(Wire):
    """What the runtime grants this module."""

    startup_timeout_s: Annotated[float, Field(gt=0, le=3600)] = 30.0


class ModuleWire(Wire):
    """module.toml"""

    name: Text
    version: VersionValue
    description: Text = ""
    permissions: PermissionsWire | None = None
    ui: UiWire = UiWire()
    dependencies: DependenciesWire = DependenciesWire()
    events: EventsWire = EventsWire()
    settings: dict[str, Any] | None = Field(
        None, description="A JSON Schema for this module's settings."
    )
    runtime: RuntimeWire = RuntimeWire()
    counts: dict[str, Text] = Field(
        {}, description="Name to SQL that counts rows in this module's data."
    )


class RequiresWire(Wire):
    """What a bundle needs around it."""

    core: Range = SpecifierSet()
    python: Range = SpecifierSet()
    paheko: Range = SpecifierSet()


class BundleWire(Wire):
    """A bundle: bundles/NAME.toml"""

    name: BundleKey
    version: VersionValue
    description: Text = ""
    include: list[BundleRange] = []
    conflicts: list[AnyRange] = []
    requires: RequiresWire = RequiresWire()
    modules: dict[ModuleKey, Range] = {}
    paheko: dict[ExtensionKey, Range] = {}
    features: dict[BundleKey, list[AnyRange]] = {}
    settings: Settings = {}


class PahekoHostWire(Wire):
    """Where Paheko is on this machine."""

    root: Text
    config: Text | None = None
    user: Text | None = None
    php: Text | None = None
    url: Text | None = Field(None, description="Where its pages have to open after a change.")
    site: Text | None = Field(None, description="Which site, of a multi-site Paheko.")
    reload: list[Text] = Field(
        [], description="The command that makes its web server forget the code in its memory."
    )


class HostsWire(Wire):
    """The systems beside us."""

    paheko: PahekoHostWire | None = None


class CatalogWire(Wire):
    """Where releases are looked for."""

    sources: list[Text] = []


Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class OperatorWire(Wire):
    """Somebody who may look at the bus over HTTP, and repair it."""

    token: Secret = Field(description="What they prove it with; at least 16 characters.")
    level: Literal["read", "write", "admin"] = Field(
        "read",
        description="read looks; write also emits, requeues and replays; admin also removes.",
    )


class EventBusWire(Wire):
    """How the site's modules reach the event bus, and the bus's own numbers (see its page)."""

    url: SecretOrText | None = Field(None, description="None: an embedded server.")
    prefix: Text | None = None
    durability: Literal["memory", "log", "fsync", "outbox"] | None = None
    replicas: Annotated[int, Field(ge=0)] | None = None
    strict: bool | None = None
    max_attempts: Count | None = None
    backoff_base_s: Positive | None = None
    backoff_factor: Positive | None = None
    backoff_cap_s: Positive | None = None
    max_crashes: Count | None = None
    handler_timeout_s: Positive | None = None
    concurrency: Count | None = None
    in_flight: Count | None = None
    lease_s: Positive | None = None
    sweep_s: Positive | None = None
    retention_s: Positive | None = None
    emit_timeout_s: Positive | None = None
    max_payload_bytes: Count | None = None
    ack_delay_s: Positive | None = None
    once_s: Positive | None = None
    operators: dict[Text, OperatorWire] = Field({}, description="None: nobody, over HTTP.")


class ProfileWire(Wire):
    """A profile: profiles/SITE.toml"""

    site: SiteKey | None = None
    bundle: BundleRange | None = None
    extends: list[Text] = []
    modules: dict[ModuleKey, RangeOrOff] = {}
    paheko: dict[ExtensionKey, ExtensionWish] = {}
    bundles: dict[BundleKey, RangeOrOff] = {}
    features: dict[BundleKey, list[BundleKey]] = {}
    override: dict[PrefixedKey, VersionValue] = {}
    settings: Settings = {}
    catalog: CatalogWire = CatalogWire()
    hosts: HostsWire = HostsWire()
    events: EventBusWire = EventBusWire()


class EnabledWire(Wire):
    """Which modules boot, in this order."""

    enabled: list[ModuleId] = []


class VersionsWire(Wire):
    """What is installed."""

    modules: dict[ModuleId, VersionText] = {}
    paheko: dict[ExtensionKey, VersionText] = {}
    bundles: dict[BundleKey, VersionText] = {}


class HashesWire(Wire):
    """The content of what is installed: ``sha256:HEX`` of each file tree."""

    requirements: TreeHash | None = None
    modules: dict[ModuleId, TreeHash] = {}
    paheko: dict[ExtensionKey, TreeHash] = {}


Stood = dict[LockKey, VersionOrOut | list[VersionOrOut]]


class StepBackWire(Wire):
    """An earlier config.toml, where it differs from the next."""

    versions: dict[LockKey, VersionOrOut] = {}
    displaced: Stood = {}


class BeforeWire(Wire):
    """The way back to earlier ones, oldest first."""

    steps: list[StepBackWire] = []


class ConfigWire(Wire):
    """config.toml"""

    format: FormatOne
    site: SiteKey
    bundle: Text
    bundle_version: Text
    modules: EnabledWire = EnabledWire()
    versions: VersionsWire = VersionsWire()
    displaced: Stood = Field(
        {},
        description="What stood before something displaced it, a list when it was displaced again; "
        "false: it was not in.",
    )
    before: BeforeWire = BeforeWire()
    overrides: dict[LockKey, VersionText] = {}
    hashes: HashesWire = HashesWire()
    settings: Settings = {}
    hosts: dict[Text, dict[str, Any]] = {}
    events: EventBusWire = EventBusWire()


class ArtifactWire(Wire):
    """Where a release's files are, and the hash they must have."""

    url: Text | None = None
    path: Text | None = None
    sha256: Sha256
    size: Annotated[int, Field(ge=0)] | None = None


class EntryWire(Wire):
    """What an index adds to every manifest."""

    artifact: ArtifactWire | None = None
    yanked: Yanked = False


class ModuleEntryWire(ModuleWire, EntryWire):
    """One version of a module in an index."""


class BundleEntryWire(BundleWire, EntryWire):
    """One version of a bundle in an index."""


class ExtensionDependenciesWire(Wire):
    """What an extension needs. Paheko knows no such thing: these are the installer's facts."""

    modules: list[ModuleRange] = []
    paheko: list[ExtensionRange] = []
    optional: list[ExtensionRange] = []
    conflicts: list[ExtensionRange] = []


class ExtensionEntryWire(EntryWire):
    """One version of a Paheko extension in an index."""

    name: Text
    version: VersionValue
    description: Text = ""
    kind: Literal["plugin", "module"] = "plugin"
    min_version: VersionValue | None = None
    dependencies: ExtensionDependenciesWire = ExtensionDependenciesWire()


class IndexWire(Wire):
    """index.json"""

    format: FormatOne
    modules: dict[ModuleId, dict[VersionText, ModuleEntryWire]] = {}
    extensions: dict[ExtensionKey, dict[VersionText, ExtensionEntryWire]] = {}
    bundles: dict[BundleKey, dict[VersionText, BundleEntryWire]] = {}
