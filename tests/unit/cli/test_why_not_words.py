"""What ``why-not`` says of a version that nobody forbids, in French and as JSON."""

import pytest
from packaging.version import Version

from recyclic.cli.asking import why_not_text
from recyclic.model.diagnostic import Place
from recyclic.model.package import Package, PackageKind
from recyclic.resolve.difference import VersionChange
from recyclic.resolve.passed_over import PassedOver, Passing
from recyclic.resolve.why_not import WhyNot

TILL = Package(PackageKind.MODULE, "till")
ONE, TWO = Version("1.0"), Version("2.0")

FRENCH = {
    Passing(PassedOver.WITHDRAWN, "elle perd des ventes"): (
        "Cette version a été retirée\N{NO-BREAK SPACE}: elle perd des ventes"
    ),
    Passing(PassedOver.PRERELEASE): "C'est une préversion, et personne n'en demande.",
    Passing(PassedOver.KEPT, "1.0"): (
        "1.0 est en place et y reste\N{NO-BREAK SPACE}: --upgrade till la laisse partir."
    ),
    Passing(PassedOver.OVERRIDDEN, "1.0", Place("lyon.toml", 4)): (
        "lyon.toml:4 met 1.0 à la place de toute version de till."
    ),
}


@pytest.mark.parametrize(("passing", "told"), FRENCH.items(), ids=lambda each: str(each)[:20])
def test_each_reason_has_french_words(
    monkeypatch: pytest.MonkeyPatch, passing: Passing, told: str
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    found = WhyNot(TILL, TWO, (VersionChange(TILL, ONE, TWO),), passed=(passing,))
    assert why_not_text(found).splitlines()[-1] == told
