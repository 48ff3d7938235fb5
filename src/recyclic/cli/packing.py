"""What ``pack`` does."""

from pathlib import Path

from recyclic.apply.interruption import interruptible
from recyclic.apply.pack import pack as write_archive
from recyclic.cli import render
from recyclic.cli.language import _
from recyclic.cli.options import Asked
from recyclic.cli.plan_words import size_text
from recyclic.cli.planning import PlanOptions, planned, question_of
from recyclic.resolve.preferences import Preferences
from recyclic.workflow.target import Wanted


def pack(asked: Asked, wanted: Wanted, how: PlanOptions, output: Path) -> None:
    """Plan what is asked for and write everything it needs into ``output``."""
    question = question_of(asked, wanted, Preferences(), how, "pack")
    found = planned(question)
    with interruptible():
        size = write_archive(found.plan, found.materials, output.absolute(), how.wheels())
    if how.as_json:
        print(render.json_text({"format": 1, "archive": str(output), "size_bytes": size}))
        return
    print(_("Written: {path} ({size})").format(path=output, size=size_text(size)))
    print(_("Next, anywhere: recyclic apply {path} --offline").format(path=output))
