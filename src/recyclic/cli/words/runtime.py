"""Words for what keeps a module from running, or a site from being served."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-R001": Words(
        title=N_("{module} is enabled, and its code is nowhere"),
        because=N_("neither {folder} nor an entry point of the group {group} has it"),
        fix=N_("apply the bundle again"),
        explanation=N_(
            "config.toml enables a module that this generation does not hold and that no installed "
            "package offers. The others are served."
        ),
    ),
    "RCY-R002": Words(
        title=N_("{module} cannot be imported"),
        because=N_("{kind}: {detail} ({where})"),
        explanation=N_(
            "The module's own code raised while it was imported. It is set aside with those that "
            "need it; the others are served."
        ),
    ),
    "RCY-R003": Words(
        title=N_("{module} exposes no MODULE_CLASS"),
        because=N_("{file} was looked at"),
        fix=N_("write in it: MODULE_CLASS = YourModule"),
        explanation=N_(
            "modules/NAME/__init__.py, or module.py beside it, names the module's class as "
            "MODULE_CLASS."
        ),
    ),
    "RCY-R004": Words(
        title=N_("the MODULE_CLASS of {module} is no subclass of ModuleBase"),
        because=N_("it is {found}"),
        fix=N_("derive it: from recyclic import ModuleBase"),
        explanation=N_("A module's class derives from recyclic.ModuleBase."),
    ),
    "RCY-R005": Words(
        title=N_("{module} needs {needs}, which is not enabled"),
        fix=N_("apply the bundle again: the installer writes an order that holds"),
        explanation=N_(
            "The runtime sorts nothing and adds nothing: it checks that whatever a module needs "
            "stands before it in config.toml, and sets aside a module for which this does not hold."
        ),
    ),
    "RCY-R006": Words(
        title=N_("{module} needs {needs}, which stands after it in config.toml"),
        fix=N_("apply the bundle again: the installer writes an order that holds"),
        explanation=N_(
            "Modules boot in the order of config.toml. The runtime checks that order and does not "
            "change it."
        ),
    ),
    "RCY-R007": Words(
        title=N_("{module} needs {needs}, and the version here is {found}"),
        fix=N_("apply the bundle again"),
        explanation=N_("The code on disk is not at a version that the module accepts."),
    ),
    "RCY-R008": Words(
        title=N_("config.toml names {module} {expected}, and the code on disk is {found}"),
        fix=N_("apply the bundle again"),
        explanation=N_(
            "The code of a generation never changes; someone changed it, or config.toml, by hand. "
            "recyclic drift shows what differs."
        ),
    ),
    "RCY-R009": Words(
        title=N_("{module} is set aside because {needs} is {state}"),
        fix=N_("mend {needs}"),
        explanation=N_("A module is not started without what it needs."),
    ),
    "RCY-R010": Words(
        title=N_("{module} failed to start"),
        because=N_("{kind}: {detail} ({where})"),
        explanation=N_(
            "The module's startup raised. It is set aside with those that need it; the others are "
            "served."
        ),
    ),
    "RCY-R011": Words(
        title=N_("{module} did not start within {limit_s:g} s"),
        fix=N_("raise [runtime] startup_timeout_s in its module.toml if it needs more"),
        explanation=N_(
            "Every module has a time limit to start; 30 seconds unless it says otherwise."
        ),
    ),
    "RCY-R012": Words(
        title=N_("{module} claims the path {path}, which belongs to {owner}"),
        fix=N_("give it a path of its own, such as /api/{module}/..."),
        explanation=N_(
            "A path belongs to one module, whatever the method. The one that comes first in "
            "config.toml keeps it; the other is set aside."
        ),
    ),
    "RCY-R013": Words(
        title=N_("the setting {setting} of {module} refers to {source}, which is not there"),
        fix=N_("set {source}, readable by the account that serves the site"),
        explanation=N_(
            "Settings hold references to secrets, never secrets. The variable is read from the "
            "environment of recyclic serve; the file, from its disk."
        ),
    ),
    "RCY-R014": Words(
        title=N_("{hook} of {module} failed"),
        because=N_("{kind}: {detail} ({where})"),
        explanation=N_("One of the hooks by which a module registers what it offers raised."),
    ),
    "RCY-R015": Words(
        title=N_("the module.toml of {module} cannot be used"),
        because=N_("{detail} ({file})"),
        fix=N_("recyclic check {file}"),
        explanation=N_("The runtime reads versions, dependencies and the start limit from it."),
    ),
    "RCY-R016": Words(
        title=N_("{module} cannot stand beside {other}"),
        fix=N_("leave one of them out of the profile"),
        explanation=N_("Its module.toml names the other one under conflicts."),
    ),
    "RCY-R017": Words(
        title=N_("{module} ended the whole process in {phase}: {how}"),
        explanation=N_(
            "A worker died, or stood still beyond the module's limit, in this module's code. New "
            "workers are started without it, so that the others are served."
        ),
    ),
    "RCY-R020": Words(
        title=N_("others could reach {host}, and the API has no authentication of its own"),
        fix=N_("put a proxy with authentication in front, and add --i-have-a-proxy"),
        explanation=N_(
            "Only loopback addresses are served as they are. Paheko's own sign-in, or any other "
            "proxy that lets in only whom it knows, has to stand before everything else."
        ),
    ),
    "RCY-R021": Words(
        title=N_("cannot listen on {host} port {port}: {reason}"),
        fix=N_("choose another with --port"),
        explanation=N_("The operating system refused the address; nothing was started."),
    ),
    "RCY-R022": Words(
        title=N_("this site is served already, by process {pid}"),
        fix=N_("kill -HUP {pid} changes it to the current generation; kill {pid} stops it"),
        explanation=N_("One recyclic serve per site; it may have any number of workers."),
    ),
    "RCY-R023": Words(
        title=N_("no worker came up in {attempts} attempts"),
        because=N_("{reason}"),
        explanation=N_("Workers died while booting, and no module was to blame."),
    ),
    "RCY-R024": Words(
        title=N_("nobody serves {site}"),
        fix=N_("recyclic serve"),
        explanation=N_("The control socket in the site's folder does not answer."),
    ),
    "RCY-R025": Words(
        title=N_("not changed over: {reason}"),
        because=N_("the new workers boot worse than those that serve, which go on serving"),
        explanation=N_(
            "Before traffic is handed over, new workers boot beside the old ones. If they are not "
            "ready, or a module that runs now would not, they are sent away."
        ),
    ),
    "RCY-R026": Words(
        title=N_("the request {request} makes no sense: {reason}"),
        explanation=N_("Someone wrote to the control socket what it does not understand."),
    ),
    "RCY-R027": Words(
        title=N_("{site} has nothing to serve"),
        because=N_("there is no {file}"),
        fix=N_("recyclic apply bundle FILE"),
        explanation=N_("serve boots the current generation, and nothing was ever applied here."),
    ),
    "RCY-R030": Words(
        title=N_("nobody may operate the events of {site} over HTTP"),
        because=N_("the profile names no operators"),
        fix=N_('[events.operators.lea] token = {{ env = "LEA_TOKEN" }}, and apply'),
        explanation=N_(
            "The routes below /api/events are closed until [events.operators] in the profile says "
            "who may use them: with a token, given by reference, and a level (read, write, admin). "
            "recyclic events ... on the machine itself needs none of this."
        ),
    ),
    "RCY-R031": Words(
        title=N_("this needs an operator's token"),
        fix=N_("send it: Authorization: Bearer TOKEN"),
        explanation=N_("The tokens are those of [events.operators] in the site's profile."),
    ),
    "RCY-R032": Words(
        title=N_("{operator} may {level}, and this needs {needed}"),
        explanation=N_(
            "read looks; write also emits, requeues and replays; admin also discards dead letters "
            "and forgets modules. The level stands in [events.operators] in the site's profile."
        ),
    ),
    "RCY-R033": Words(
        title=N_("the request makes no sense"),
        because=N_("{where}: {reason}"),
        explanation=N_("What can be asked, and how, stands in /docs and /openapi.json."),
    ),
    "RCY-R034": Words(
        title=N_("the operator {operator} is not let in"),
        because=N_("{reason}"),
        explanation=N_(
            "The token has to be there when the site boots, at least 16 characters long, and "
            "nobody else's. The other operators are let in."
        ),
    ),
    "RCY-R035": Words(
        title=N_("the events of {site} are kept in memory"),
        because=N_("nothing of them can be reached from outside a worker"),
        fix=N_("leave [events] url out of the profile, or name a server"),
        explanation=N_("memory:// is for tests."),
    ),
}
