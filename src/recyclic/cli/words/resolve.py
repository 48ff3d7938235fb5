"""Words for resolutions that fail."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-D001": Words(
        title=N_("what is asked for does not go together"),
        explanation=N_(
            "No choice of versions meets everything that the bundle, the profile and the modules "
            "ask for. The lines shown are the smallest set that cannot be met together: without "
            "any one of them the others could be. Change one of them; the fixes below were tried "
            "and work."
        ),
    ),
    "RCY-D002": Words(
        title=N_("there is no {name} in the catalog"),
        explanation=N_(
            "Something is asked for by a name that no source of the catalog knows, neither as a "
            "package nor as a capability that a module provides. Correct the name, or add the "
            "source it is in with --catalog or [catalog] sources."
        ),
    ),
    "RCY-D003": Words(
        title=N_("no version of {name} is in the range asked for"),
        explanation=N_(
            "The package is known, but no version of it meets the requirement. A pre-release only "
            "counts when the requirement names one, and a withdrawn version only when exactly it "
            "is asked for."
        ),
    ),
    "RCY-D004": Words(
        title=N_("{name} is left out by the profile, and something kept needs it"),
        explanation=N_(
            "The profile says NAME = false. What bundles ask for under that name was dropped, but "
            "a module that stays requires it. Leave that module out as well, or take the line "
            "back."
        ),
    ),
    "RCY-D005": Words(
        title=N_("this host's {name} is not what is required"),
        explanation=N_(
            "Every version that could be chosen requires another version of recyclic, of Python or "
            "of Paheko than this host has. Those are given, not chosen."
        ),
    ),
    "RCY-D006": Words(
        title=N_("{bundle} has no feature {feature!r}"),
        because=N_("it has: {known}"),
        fix=N_("choose one of them, or take the line out"),
        explanation=N_(
            "The profile turns on a feature that the bundle, at the version chosen, does not have."
        ),
    ),
    "RCY-D007": Words(
        title=N_("{name} has no version {version}"),
        because=N_("known: {known}"),
        explanation=N_("why-not asks about a version that is in the catalog."),
    ),
    "RCY-D008": Words(
        title=N_(
            "{depender} accepts {name} {specifier}, but with {name} {version} there is no answer"
        ),
        because=N_("{relations}"),
        fix=N_("narrow the range so that {version} is out of it"),
        explanation=N_(
            "A range is a promise that every version in it works. The oldest and the newest of "
            "each range were tried; with this one nothing can be resolved. Shown is the "
            "smallest conflict, who asks for what."
        ),
    ),
    "RCY-D009": Words(
        title=N_("the answer depends on the order of lines"),
        because=N_("{moved}"),
        explanation=N_("This is a mistake in recyclic itself. Please report it with these files."),
    ),
    "RCY-D010": Words(
        title=N_("resolving the answer's own lock gives another answer"),
        because=N_("{moved}"),
        explanation=N_("This is a mistake in recyclic itself. Please report it with these files."),
    ),
    "RCY-D012": Words(
        title=N_("this catalog is too hard: stopped after {conflicts} conflicts"),
        fix=N_("narrow the ranges, or leave sources out, so that there is less to choose from"),
        explanation=N_(
            "Neither an answer nor a proof that there is none was found. No catalog that people "
            "write leads to as many conflicts; one that is made to do so can keep any resolver "
            "busy for ever."
        ),
    ),
    "RCY-D013": Words(
        title=N_("{name} {current} was chosen, {behind} versions behind the newest, {newest}"),
        because=N_("held back by {held_by}"),
        explanation=N_(
            "The newest version is not within a range that somebody asks for. That may be meant; "
            "a range that is merely old is worth widening."
        ),
    ),
    "RCY-D014": Words(
        title=N_("{name} {current} was chosen, {behind} versions behind the newest, {newest}"),
        because=N_("nobody's range excludes {newest}: something that it needs itself does"),
        fix=N_("recyclic why-not {name}=={newest}"),
        explanation=N_("The answer to why-not is the smallest reason, or what it would cost."),
    ),
    "RCY-D011": Words(
        title=N_("without {name} there is no answer any more"),
        because=N_("{relations}"),
        explanation=N_("This is a mistake in recyclic itself. Please report it with these files."),
    ),
}
