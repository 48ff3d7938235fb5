"""Words for what is wrong with the files people write."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-M001": Words(
        title=N_("{count} mistakes in the files"),
        explanation=N_("Several findings stopped the work; each is told with its own code."),
    ),
    "RCY-M002": Words(
        title=N_("there is no file {path}"),
        fix=N_("check the path, or create the file"),
        explanation=N_("A file that was named does not exist, or one of its folders does not."),
    ),
    "RCY-M003": Words(
        title=N_("{path} cannot be read"),
        because=N_("{reason}"),
        explanation=N_("The operating system refused to give the file's content."),
    ),
    "RCY-M004": Words(
        title=N_("{path} is a {kind}, not a file"),
        fix=N_("give the path of a file"),
        explanation=N_(
            "A manifest is an ordinary file. Folders, pipes, sockets and devices are never opened "
            "for reading."
        ),
    ),
    "RCY-M005": Words(
        title=N_("{path} is too large: {size} bytes; at most {limit} are read"),
        explanation=N_(
            "A manifest written by people stays far below 1 MiB, an index below 64 MiB. A larger "
            "file is most likely not the one you meant."
        ),
    ),
    "RCY-M006": Words(
        title=N_("the file starts with a byte order mark"),
        fix=N_("save it as UTF-8 without BOM"),
        explanation=N_(
            "Some editors put an invisible mark before the first character. TOML and JSON files "
            "are UTF-8 without it."
        ),
    ),
    "RCY-M007": Words(
        title=N_("this is not UTF-8: byte {byte}"),
        fix=N_("save the file as UTF-8"),
        explanation=N_("The file was saved in another encoding, often Latin-1 or Windows-1252."),
    ),
    "RCY-M008": Words(
        title=N_("the file is empty"),
        explanation=N_("Nothing but blanks was found where a manifest was expected."),
    ),
    "RCY-M009": Words(
        title=N_("{path} is a symbolic link that leads back to itself"),
        fix=N_("remove the link, or let it point at the real file"),
        explanation=N_("Following the links of this path never ends."),
    ),
    "RCY-M010": Words(
        title=N_("{text!r} is no valid {kind} name"),
        because=N_("{pattern}"),
        explanation=N_(
            "Modules are named like Python identifiers, Paheko's extensions in lower case with "
            "single underscores, sites and bundles in lower case with '-', '_' or '.'."
        ),
    ),
    "RCY-M011": Words(
        title=N_("{key} is written twice"),
        because=N_("the first is on line {first}"),
        fix=N_("keep one of them"),
        explanation=N_("A key may stand once in a table; which one was meant cannot be known."),
    ),
    "RCY-M012": Words(
        title=N_("this is not TOML: {reason}"),
        explanation=N_(
            "The file does not follow TOML 1.0 (https://toml.io/en/v1.0.0). Texts need quotes, "
            "arrays need square brackets, and each key stands on a line of its own."
        ),
    ),
    "RCY-M013": Words(
        title=N_("{key} stands twice, written in two ways"),
        because=N_("it is the same version as {first}"),
        fix=N_("keep one of them"),
        explanation=N_("PEP 440 takes 1.0 and 1.0.0 for the same version."),
    ),
    "RCY-M014": Words(
        title=N_("this is not JSON: {reason}"),
        explanation=N_("The index does not follow RFC 8259; NaN and comments are not JSON."),
    ),
    "RCY-M015": Words(
        title=N_("tables or arrays are nested too deeply here"),
        because=N_("more than 64 levels; no manifest needs that"),
        explanation=N_("Nesting without end is how hostile files make programs crash."),
    ),
    "RCY-M016": Words(
        title=N_("the number of {key} cannot be used"),
        because=N_("it is not finite, or does not fit in 64 bits"),
        explanation=N_("TOML promises 64-bit integers; JSON knows neither nan nor inf."),
    ),
    "RCY-M017": Words(
        title=N_("the profile extends itself: {circle}"),
        fix=N_("remove one of these extends"),
        explanation=N_("Each file named by extends is laid under the one that names it."),
    ),
    "RCY-M018": Words(
        title=N_("a file that this line names cannot be read: {path}"),
        fix=N_("paths are relative to the file they are written in"),
        explanation=N_("extends and schema name other files, relative to the file they stand in."),
    ),
    "RCY-M019": Words(
        title=N_("{key} is not a key that is known here"),
        because=N_("did you mean {near}?"),
        explanation=N_("An unknown key is most often a slip; it would silently do nothing."),
    ),
    "RCY-M020": Words(
        title=N_("{key} is missing"),
        explanation=N_("This key has no default; the file means nothing without it."),
    ),
    "RCY-M021": Words(
        title=N_("{key} should be {expected}, not {found}"),
        explanation=N_("The value has another type than this key needs; nothing is converted."),
    ),
    "RCY-M022": Words(
        title=N_("{found!r} is no {what}"),
        because=N_("known: {known}"),
        explanation=N_("Only the values listed are possible here."),
    ),
    "RCY-M023": Words(
        title=N_("the text of {key} is too long: {found} characters, at most {limit}"),
        explanation=N_("Texts of this kind fit in a line or two."),
    ),
    "RCY-M024": Words(
        title=N_("{text!r} is not a version"),
        fix=N_("versions are written like 1.2.0, 1.2.0rc1 or 1.2.0.post1 (PEP 440)"),
        explanation=N_("Versions and their order are those of PEP 440."),
    ),
    "RCY-M025": Words(
        title=N_("{text!r} is not a range of versions"),
        fix=N_('write "{meant}"'),
        explanation=N_(
            "Ranges are those of PEP 440: ==, !=, >=, <=, >, <, ~=, joined by commas; * means any "
            "version."
        ),
    ),
    "RCY-M026": Words(
        title=N_("{text!r} names nothing"),
        fix=N_('write a name and a range, such as "caisse>=0.1,<1"'),
        explanation=N_("A requirement starts with a name; a range may follow."),
    ),
    "RCY-M027": Words(
        title=N_("{text!r} is not a Python requirement"),
        because=N_("{reason}"),
        explanation=N_("Python requirements are written as in PEP 508: httpx>=0.27."),
    ),
    "RCY-M028": Words(
        title=N_("{key} is not a reference to a secret"),
        because=N_("found the keys {found}"),
        fix=N_('write {{ env = "NAME" }} or {{ file = "/run/secrets/name" }}'),
        explanation=N_("A secret is never written down: only where it is found at boot."),
    ),
    "RCY-M029": Words(
        title=N_("{key} cannot be used: {reason}"),
        explanation=N_("The value does not fit what this key needs."),
    ),
    "RCY-M030": Words(
        title=N_("{text!r} is not a capability"),
        fix=N_('write a name, or a name with one version: "accounting-export==1.0"'),
        explanation=N_("A module provides a capability at one version, or at none in particular."),
    ),
    "RCY-M031": Words(
        title=N_("Paheko's section {section} knows no level {level!r}"),
        because=N_("known: {known}"),
        explanation=N_(
            "Paheko would drop such a restriction silently and open the pages to every member. "
            "config knows none and admin; connect none and read."
        ),
    ),
    "RCY-M032": Words(
        title=N_("format {found} is not one this version reads"),
        because=N_("known: {known}"),
        fix=N_("upgrade recyclic, or write format {known}"),
        explanation=N_("The first key tells which shape the file has."),
    ),
    "RCY-M033": Words(
        title=N_("{found!r} is not a sha256"),
        because=N_("64 lower-case hexadecimal digits are"),
        explanation=N_("An artifact is used only when its content has the hash that is promised."),
    ),
    "RCY-M034": Words(
        title=N_("{path} lies outside the module's folder"),
        explanation=N_(
            "A module's files lie in its own folder: nothing else is installed with it."
        ),
    ),
    "RCY-M036": Words(
        title=N_("Paheko cannot read this line: {line}"),
        fix=N_('write key="value", all on one line'),
        explanation=N_(
            "The ini files of Paheko's extensions are read by PHP. Values with special characters "
            "stand in double quotes; true, false, null, on, off, yes, no and none are no keys."
        ),
    ),
    "RCY-M037": Words(
        title=N_("{path} is a link that leaves its folder"),
        because=N_("it points to {target}"),
        fix=N_("put the extension itself there"),
        explanation=N_(
            "Paheko stops with a security alert on such a link, for every extension it lists."
        ),
    ),
    "RCY-M038": Words(
        title=N_("{key} is a number or a word like yes, where Paheko needs text"),
        explanation=N_(
            "Paheko turns 123, true and yes into other types, in quotes or not, and stops."
        ),
    ),
    "RCY-M039": Words(
        title=N_("{key} stands without {missing}"),
        because=N_("Paheko drops the restriction silently, and opens the pages to every member"),
        fix=N_("write both, or none"),
        explanation=N_("A restriction is a section and a level together."),
    ),
    "RCY-M040": Words(
        title=N_("restrict_level none is no restriction"),
        because=N_("Paheko drops it silently, and opens the pages to every member"),
        fix=N_("write read, write or admin, or remove both lines"),
        explanation=N_("A restriction is a section and a level above none."),
    ),
    "RCY-M041": Words(
        title=N_("{key} is on, but there is no {file}"),
        because=N_("Paheko refuses to enable the extension"),
        fix=N_("add the file, or remove {key}"),
        explanation=N_("A menu entry or a button leads to admin/index.php; a button has an icon."),
    ),
    "RCY-M042": Words(
        title=N_("the version is a whole number or a word, where Paheko needs a version"),
        because=N_("Paheko crashes on it, and lists no extension at all any more"),
        fix=N_('write version="2.0" instead of version="2"'),
        explanation=N_("A plugin's version has at least one dot."),
    ),
    "RCY-M043": Words(
        title=N_("min_version {text!r} is no version; Paheko takes it for any"),
        explanation=N_("The plugin will be enabled in every Paheko."),
    ),
    "RCY-M044": Words(
        title=N_("a Brindille module must not have min_version"),
        because=N_("Paheko 1.3 takes any module with this key for invalid"),
        fix=N_("remove the line"),
        explanation=N_("The key is meant for Paheko 1.4; 1.3 then never shows the module."),
    ),
    "RCY-M045": Words(
        title=N_("{text!r} is not an address that Paheko accepts"),
        fix=N_("write https://..., http://... or mailto:..."),
        explanation=N_("A Brindille module with another author_url is never registered."),
    ),
    "RCY-M046": Words(
        title=N_("{name} stands in two files"),
        because=N_("the first is {first}"),
        fix=N_("give one of them another version, or remove it"),
        explanation=N_("Which of two files with one name and version is meant cannot be known."),
    ),
    "RCY-M047": Words(
        title=N_("the entry point {name} leads to no module.toml"),
        because=N_("looked beside the package {module}"),
        fix=N_("ship module.toml as package data, beside __init__.py"),
        explanation=N_("A third-party module is a package with its module.toml inside."),
    ),
    "RCY-M048": Words(
        title=N_("{name} is enabled twice"),
        explanation=N_("Each module boots once."),
    ),
    "RCY-M049": Words(
        title=N_("{name} is enabled, but has no version under [versions.modules]"),
        explanation=N_("A config.toml says exactly which version of each module boots."),
    ),
    "RCY-M050": Words(
        title=N_("{name} has a version, but is not enabled"),
        explanation=N_("A config.toml lists what is installed, and all of it boots."),
    ),
    "RCY-M051": Words(
        title=N_("{path} is no kind of file that is known here"),
        because=N_("it is neither a module, a bundle, a profile, a config, an index nor an ini"),
        explanation=N_("A bundle has name and version, a profile has site and bundle."),
    ),
    "RCY-M053": Words(
        title=N_("{key} is not a key that is known here"),
        because=N_("known: {known}"),
        explanation=N_("An unknown key is most often a slip; it would silently do nothing."),
    ),
    "RCY-M060": Words(
        title=N_("{key} is a secret, and stands here in the open"),
        fix=N_('write {{ env = "NAME" }} or {{ file = "/run/secrets/name" }}'),
        explanation=N_("A secret is never written down: only where it is found at boot."),
    ),
    "RCY-M052": Words(
        title=N_("the entry says {found}, but stands under {expected}"),
        fix=N_("write {expected}, or leave the key out"),
        explanation=N_("In an index, the keys an entry stands under are its name and version."),
    ),
}
