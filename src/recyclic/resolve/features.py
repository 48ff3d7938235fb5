"""Features of bundles that a profile turns on."""

from collections.abc import Mapping

from packaging.version import Version

from recyclic.model.diagnostic import Diagnostic
from recyclic.model.package import Package, PackageKind
from recyclic.resolve.problem import Problem


def unknown_features(problem: Problem, versions: Mapping[Package, Version]) -> list[Diagnostic]:
    """Choices of features that their bundle, at the version chosen, does not have."""
    found = []
    for choice in problem.request.features:
        bundle = Package(PackageKind.BUNDLE, choice.bundle)
        release = problem.release(bundle, versions[bundle]) if bundle in versions else None
        known = sorted(release.features) if release is not None else []
        if choice.feature not in known:
            facts = {"bundle": choice.bundle, "feature": choice.feature, "known": known}
            found.append(Diagnostic("RCY-D006", place=choice.place, facts=facts))
    return found
