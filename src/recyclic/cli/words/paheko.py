"""Words for what can go wrong with a Paheko."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-H001": Words(
        title=N_("there is no Paheko in {root}"),
        because=N_("{missing} does not exist"),
        fix=N_('[hosts.paheko] root = "the folder that holds bin/paheko"'),
        explanation=N_("A profile names the folder of Paheko's source, the one with bin/paheko."),
    ),
    "RCY-H002": Words(
        title=N_("Paheko's configuration {config} does not exist"),
        because=N_(
            "without it Paheko would quietly use its default folders, perhaps another site's"
        ),
        fix=N_('[hosts.paheko] config = "/path/to/config.local.php"'),
        explanation=N_(
            "Given a configuration file that is missing, Paheko creates one and works on its "
            "default data folder. So recyclic refuses before Paheko is asked anything."
        ),
    ),
    "RCY-H003": Words(
        title=N_("PHP cannot be run: {php}"),
        fix=N_('install PHP\'s command line, or set [hosts.paheko] php = "/usr/bin/php8.2"'),
        explanation=N_("Paheko is driven by its own command line, which needs PHP."),
    ),
    "RCY-H004": Words(
        title=N_("Paheko refused: {command}"),
        because=N_("{said}"),
        explanation=N_(
            "The command ended with a failure; the sentence is Paheko's own. What was changed "
            "before it is undone."
        ),
    ),
    "RCY-H005": Words(
        title=N_("Paheko did not finish {command} within {seconds} s, and was stopped"),
        because=N_("{said}"),
        explanation=N_(
            "An install.php or upgrade.php may wait for a network that does not answer. Everything "
            "the command had started was stopped, and SQLite undid its part."
        ),
    ),
    "RCY-H006": Words(
        title=N_("Paheko's database stayed locked for {seconds} s during: {command}"),
        fix=N_("apply again when no backup, import or other long work runs in Paheko"),
        explanation=N_(
            "SQLite lets one writer in at a time. recyclic tried again and again until its "
            "patience was over."
        ),
    ),
    "RCY-H007": Words(
        title=N_("Paheko's database ({database}) and its code ({code_version}) differ in version"),
        fix=N_("run: php bin/paheko upgrade"),
        explanation=N_(
            "After a new release of Paheko its database must be brought up to date, by the first "
            "visit to its pages or by its upgrade command. A database newer than the code means "
            "that older code was put back: the web pages do not work then."
        ),
    ),
    "RCY-H008": Words(
        title=N_("Paheko's database {file} cannot be read: {detail}"),
        explanation=N_(
            "recyclic only looks at this file, and leaves no trace when it does. Check that it "
            "exists and that this user may read it."
        ),
    ),
    "RCY-H009": Words(
        title=N_("the extension {name} is not fit for Paheko ({problem})"),
        because=N_("{detail}"),
        explanation=N_(
            "Paheko checks an extension too late: one bad plugin.ini makes its list of extensions "
            "fail for everybody. So recyclic looks first. A version must have a dot; a menu needs "
            "admin/index.php; a Brindille module may not have min_version; only plain files are "
            "taken."
        ),
    ),
    "RCY-H010": Words(
        title=N_("Paheko reported success, yet {name} is not enabled"),
        because=N_("{said}"),
        explanation=N_(
            "An install.php that ends the program half way gives a good exit status and leaves "
            "nothing behind. recyclic reads every state back."
        ),
    ),
    "RCY-H011": Words(
        title=N_("{name} was not upgraded: Paheko has {recorded} recorded, the code is {wanted}"),
        because=N_("{said}"),
        fix=N_("open Paheko's page Configuration > Extensions, and read what upgrade.php says"),
        explanation=N_(
            "An upgrade.php that fails leaves the old version recorded, and perhaps half of its "
            "changes; recyclic puts the database back as it was."
        ),
    ),
    "RCY-H012": Words(
        title=N_("Paheko's pages could not be opened on this machine"),
        because=N_("{said}"),
        explanation=N_(
            "Some work of Paheko is only done by its pages; recyclic starts Paheko's own server on "
            "127.0.0.1 for a moment. Something kept it from starting."
        ),
    ),
    "RCY-H013": Words(
        title=N_("the code of these modules is missing in Paheko: {names}"),
        because=N_("making Paheko look for new modules would erase their data"),
        fix=N_("put their folders back into modules/, or delete them in Paheko, then apply again"),
        explanation=N_(
            "Paheko registers new Brindille modules on a page that also erases every module whose "
            "folder is missing, with all its data. That page was not opened."
        ),
    ),
    "RCY-H014": Words(
        title=N_("the snapshot {path} cannot be used: {detail}"),
        explanation=N_("A copy of Paheko's database could not be made, read or put back."),
    ),
    "RCY-H015": Words(
        title=N_("Paheko's page {page} does not open (status {status})"),
        because=N_("{said}"),
        explanation=N_(
            "After a change the home page and the pages of the extensions are opened as an "
            "administrator would. Paheko needs at least one member who may change its "
            "configuration."
        ),
    ),
    "RCY-H016": Words(
        title=N_("Paheko's extensions are not as they should be: {differences}"),
        explanation=N_("What Paheko has recorded was read back, and differs from what was asked."),
    ),
    "RCY-H017": Words(
        title=N_("this Paheko does not allow the extension {name}"),
        because=N_("its configuration has a {list_name}"),
        fix=N_("ask whoever runs this Paheko, or leave it out: [paheko] {name} = false"),
        explanation=N_("A host may list the plugins it allows or forbids; recyclic respects it."),
    ),
    "RCY-H018": Words(
        title=N_("{path} belongs to {owner}, and recyclic runs as {user}"),
        fix=N_('run recyclic as that user, or as root with [hosts.paheko] user = "{owner}"'),
        explanation=N_(
            "Paheko's files must stay writable for its web server, so it is driven as that user."
        ),
    ),
    "RCY-H019": Words(
        title=N_("enabled in Paheko, but without working code: {names}"),
        because=N_("Paheko would disable them as soon as its list of extensions is opened"),
        fix=N_("put their code back, or disable them: php bin/paheko ext NAME disable"),
        explanation=N_(
            "Paheko quietly disables broken plugins when anybody looks at its extensions. recyclic "
            "does not want to be the one who looked."
        ),
    ),
    "RCY-H020": Words(
        title=N_("the Paheko in {root} has several sites; which one?"),
        because=N_("{said}"),
        fix=N_('[hosts.paheko] site = "the name of the site\'s folder"'),
        explanation=N_("A multi-site Paheko chooses its data by the site's name."),
    ),
    "RCY-H021": Words(
        title=N_("{name} is disabled at {recorded}, and that code is gone; {wanted} cannot follow"),
        because=N_("Paheko only upgrades enabled plugins, and enabling needs the old code"),
        fix=N_("put version {recorded} of its code back, or delete its data in Paheko"),
        explanation=N_(
            "Enabling a plugin with newer code records the new version without running "
            "upgrade.php, which then never runs. So it is enabled with its old code first."
        ),
    ),
    "RCY-H022": Words(
        title=N_("another run is changing this Paheko ({config})"),
        fix=N_("wait for it to end"),
        explanation=N_("One run at a time may change a Paheko, also when two sites share it."),
    ),
    "RCY-H023": Words(
        title=N_("people wrote in Paheko what cannot stand without the change being taken back"),
        because=N_("it is in: {tables}"),
        fix=N_("look at it; then, to give it up: recyclic recover --data restore"),
        explanation=N_(
            "Between the moment the change became live and the moment something else failed, "
            "somebody wrote to tables that the change had made or altered. What they wrote to "
            "other tables is carried over; this cannot be. So nothing was touched: Paheko is as "
            "they see it, and what was there before the change is in the site's snapshots/. With "
            "--data restore the change is taken back nevertheless, and the database as it is now "
            "is kept in journal/failed/."
        ),
    ),
    "RCY-H024": Words(
        title=N_("Paheko's web server could not be reloaded: {command}"),
        because=N_("{said}"),
        fix=N_("mend the command in [hosts.paheko] reload, or leave it out"),
        explanation=N_(
            "Where PHP's opcode cache never looks at the time of a file, the web server goes on "
            "with old code until it is reloaded; [hosts.paheko] reload names the command."
        ),
    ),
    "RCY-H025": Words(
        title=N_("Paheko's public page {url} does not open"),
        because=N_("{detail}"),
        fix=N_("look at the web server, or correct [hosts.paheko] url"),
        explanation=N_(
            "The profile says where strangers find Paheko. After a change its log-in page has to "
            "open there; it did not, so everything was undone."
        ),
    ),
}
