"""Words for a site's folder."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-S001": Words(
        title=N_("another run holds the site {site}"),
        because=N_("{holder} (process {pid}) since {since}, step {step}; waited {waited_s} s"),
        fix=N_("wait for it, or add --lock-timeout SECONDS to wait longer"),
        explanation=N_(
            "One run at a time changes a site. The lock is the kernel's: it ends with the process "
            "that holds it, so there is never a file to delete."
        ),
    ),
    "RCY-S002": Words(
        title=N_("{path} cannot be read as a config.toml"),
        because=N_("{detail}"),
        fix=N_("apply the bundle or the profile again: it writes the file anew"),
        explanation=N_(
            "config.toml is written by apply and read by serve. It was edited, cut short, or is "
            "another file altogether."
        ),
    ),
    "RCY-S003": Words(
        title=N_("{path} was written by another version of recyclic"),
        because=N_("its format is {found}, this version knows {known}"),
        fix=N_("use the version of recyclic that wrote it, or apply again with this one"),
        explanation=N_("The form of config.toml changed between the two versions."),
    ),
    "RCY-S004": Words(
        title=N_("there is no generation {number}"),
        because=N_("generations that can be gone back to: {known}"),
        fix=N_("recyclic history"),
        explanation=N_(
            "A generation that failed, or was pruned, cannot be gone back to; its receipt remains."
        ),
    ),
    "RCY-S005": Words(
        title=N_("{folder} holds something that may not be installed: {entry}"),
        because=N_("{problem}"),
        fix=N_("remove {entry}, or replace it by a plain file"),
        explanation=N_(
            "Code may consist of folders, plain files, and links that stay inside its folder. A "
            "link that leaves it, a device or a name with control characters is refused."
        ),
    ),
    "RCY-S006": Words(
        title=N_("stored code was damaged: {folder}"),
        because=N_("expected {expected}, found {found}"),
        fix=N_("remove that folder; the next apply stores the code again"),
        explanation=N_(
            "The store keeps each tree of code under the hash of its content. This one does not "
            "have its hash any more: a disk failed, or somebody edited it."
        ),
    ),
    "RCY-S007": Words(
        title=N_("{folder} changed while it was being installed"),
        because=N_("planned {expected}, found {found}"),
        fix=N_("apply again, once nobody writes to it"),
        explanation=N_("What is installed has to be what was planned, to the byte."),
    ),
    "RCY-S008": Words(
        title=N_("the site's history was changed: {path}, line {line}"),
        because=N_("each line seals the one before it, and this seal does not fit"),
        explanation=N_(
            "The history is append-only. A line was edited, removed or put in. The site itself is "
            "not affected; whoever keeps backups can compare."
        ),
    ),
    "RCY-S009": Words(
        title=N_("{folder} holds things that no site has: {found}"),
        fix=N_("choose another folder with --instance"),
        explanation=N_("recyclic makes a site in an empty folder, or in one that is a site."),
    ),
}
