"""Words for plans and their approvals."""

from recyclic.cli.words.entry import N_, Words

WORDS: dict[str, Words] = {
    "RCY-P001": Words(
        title=N_("the plan is no longer up to date"),
        because=N_("moved since it was made: {moved}"),
        fix=N_("plan again, look at it, and apply that"),
        explanation=N_(
            "A plan holds the hashes of everything it was made from: the files, the code, what was "
            "seen on the host, and the generation it starts from. One of them differs now, so that "
            "applying it would not do what was approved. Nothing was changed."
        ),
    ),
    "RCY-P002": Words(
        title=N_("{path} is not an approved plan"),
        because=N_("{detail}"),
        fix=N_("recyclic plan ... -o {path}"),
        explanation=N_(
            "Only a file that 'recyclic plan -o FILE' wrote, unchanged, can be applied as approved."
        ),
    ),
    "RCY-P003": Words(
        title=N_("{path} was written by another version of recyclic"),
        because=N_("its format is {found}, this version knows {known}"),
        fix=N_("plan again with this version"),
        explanation=N_("The form of approved plans changed between the two versions."),
    ),
    "RCY-P004": Words(
        title=N_("steps that cannot be undone were not accepted: {steps}"),
        fix=N_("once you are sure, add: {options}"),
        explanation=N_(
            "Most steps can be taken back by 'recyclic rollback'. For one that cannot, such as "
            "deleting the data of an extension, the plan says one-way, and apply wants it named: "
            "--yes is not enough. 'recyclic plan -o FILE --accept STEP' writes the word into the "
            "approval. Nothing was changed."
        ),
    ),
    "RCY-P005": Words(
        title=N_("nobody has the files of the Paheko extension {name} {version}"),
        because=N_("it is known by name only, and Paheko does not have it either"),
        fix=N_("add --catalog FOLDER, the folder that holds {name}/"),
        explanation=N_(
            "recyclic knows the names and versions of Paheko's official extensions, not their "
            "code. To install one, name a folder that holds it, or an index with its artifact."
        ),
    ),
}
