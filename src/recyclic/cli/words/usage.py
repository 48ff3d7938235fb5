"""Words for wrong usage, and for what is recyclic's own fault."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-U001": Words(
        title=N_("{message}"),
        fix=N_("see: {help}"),
        explanation=N_("The command line was not understood; nothing was read or changed."),
    ),
    "RCY-U002": Words(
        title=N_("there is no {kind} named {name!r} in {folder}"),
        because=N_("known here: {known}"),
        fix=N_("name one of them, or give the path of a file"),
        explanation=N_(
            "A bundle is found by its path, or by its name in the folder bundles/; a profile by "
            "its path, or by its name in profiles/."
        ),
    ),
    "RCY-U003": Words(
        title=N_("this would change the site, and nobody can be asked"),
        because=N_("there is no terminal to answer on"),
        fix=N_("add --yes once the plan is what you want: recyclic {verb} ... --yes"),
        explanation=N_(
            "Without a terminal, or with --no-input, a verb that changes the site needs --yes."
        ),
    ),
    "RCY-U004": Words(
        title=N_("no site was named, and {count} are known here: {known}"),
        fix=N_("add --site NAME, or --instance FOLDER"),
        explanation=N_(
            "A verb about a site works on --instance FOLDER, or --site NAME below .recyclic/, or "
            "on the only site there is."
        ),
    ),
    "RCY-U005": Words(
        title=N_("there is no site in {folder}"),
        because=N_("nothing was ever applied there"),
        fix=N_("recyclic apply bundle FILE"),
        explanation=N_("A site's folder is made by the first apply."),
    ),
    "RCY-U006": Words(
        title=N_("{path} cannot be used: {reason}"),
        explanation=N_("The operating system refused a file or a folder; nothing was changed."),
    ),
    "RCY-U007": Words(
        title=N_("there is no code {text!r}"),
        because=N_("the nearest: {known}"),
        explanation=N_(
            "explain takes a code such as RCY-M003, or a setting such as caisse.currency."
        ),
    ),
    "RCY-U011": Words(
        title=N_("no module has a setting {text}"),
        because=N_("the nearest: {known}"),
        explanation=N_(
            "explain MODULE.KEY tells where a setting of the site comes from; with bundle FILE or "
            "profile FILE, what applying that file would set."
        ),
    ),
    "RCY-U008": Words(
        title=N_("{name} is not part of this resolution"),
        because=N_("the nearest: {known}"),
        fix=N_("recyclic why-not {name}"),
        explanation=N_("why tells who asked for a package that is in the answer."),
    ),
    "RCY-U009": Words(
        title=N_("the fix cannot be written into {place}"),
        because=N_("the line is not written in the plain form key = value"),
        fix=N_("change the line by hand, as the fix says"),
        explanation=N_("--fix edits single lines; one it does not understand is left as it is."),
    ),
    "RCY-U010": Words(
        title=N_("there is no fix {number}; offered: {offered}"),
        explanation=N_("--fix N takes one of the numbers shown under the conflict."),
    ),
    "RCY-U020": Words(
        title=N_("{path} is there already"),
        fix=N_("choose another name, or another folder with --dir"),
        explanation=N_("module new never writes into a folder that exists."),
    ),
    "RCY-U999": Words(
        title=N_("a mistake in recyclic itself, not yours: {kind}"),
        because=N_("{detail}"),
        fix=N_("send the report {report} to the developers"),
        explanation=N_(
            "Something happened that recyclic's authors thought impossible. A changing verb leaves "
            "its journal, so the next command undoes or finishes what was begun."
        ),
    ),
}
