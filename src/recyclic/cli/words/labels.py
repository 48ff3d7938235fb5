"""Labels that are written into f-strings, where the extractor does not look before Python 3.12."""

from recyclic.cli.words.entry import N_

LABELS = (
    N_("FAILED"),
    N_("NOT OK"),
    N_("because"),
    N_("config"),
    N_("fix"),
    N_("health"),
    N_("lost"),
    N_("ok"),
    N_("skipped"),
    N_("warning: "),
    N_("wins"),
)
