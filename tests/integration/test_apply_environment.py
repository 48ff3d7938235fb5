"""The Python requirements of a generation: one lock for all modules, one ``env/``, offline."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.apply_world import Wish, World
from tests.fakes.wheels import write_wheel

from recyclic.apply.apply import AppliedReport, ApplyOptions, apply
from recyclic.apply.errors import (
    ConflictingRequirementsError,
    RequirementsUnavailableError,
    StepFailedError,
)
from recyclic.apply.materials import gather
from recyclic.apply.requirements import PythonAsk, lock_requirements
from recyclic.apply.step import Wheels
from recyclic.model.diagnostic import Place
from recyclic.model.package import PythonRequirement
from recyclic.plan.plan import make_plan
from recyclic.site.generations import read_installed
from recyclic.site.observe import observe_site

WISH = Wish({"caisse": "1.0"})


@pytest.fixture
def wheels(tmp_path: Path) -> Wheels:
    """A folder of wheels, and no network."""
    for version in ("1.0", "2.0"):
        write_wheel(tmp_path / "wheels", "weighbridge", version)
    return Wheels(offline=True, folders=(tmp_path / "wheels",))


def ask(module: str, text: str) -> PythonAsk:
    return PythonAsk(module, PythonRequirement(text, Place(f"modules/{module}/module.toml", 5)))


def apply_with(world: World, wheels: Wheels, lock: str | None, wish: Wish = WISH) -> AppliedReport:
    resolution = world.resolution(wish)
    materials = gather(resolution, requirements=lock)
    plan = make_plan(
        read_installed(world.site),
        resolution,
        world.request,
        observe_site(world.site),
        materials.artifacts,
    )
    return apply(plan, materials, world.site, options=ApplyOptions(wheels=wheels))


def version_in(environment: Path) -> str:
    """What a program in the environment imports."""
    line = [str(environment / "bin" / "python"), "-c", "import weighbridge as w; print(w.VERSION)"]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def test_each_generation_has_the_requirements_it_was_locked_with(
    tmp_path: Path, wheels: Wheels
) -> None:
    """Two generations, two environments; a third with the same lock shares every file."""
    world = World(tmp_path)
    first = lock_requirements([ask("caisse", "weighbridge<2")], wheels)
    apply_with(world, wheels, first)
    second = lock_requirements([ask("caisse", "weighbridge")], wheels, previous=first)
    apply_with(world, wheels, second)
    environments = [world.site.generation(number).environment for number in (1, 2)]
    assert [version_in(each) for each in environments] == ["1.0", "2.0"]
    apply_with(world, wheels, second, Wish({"caisse": "1.1"}))
    third = world.site.generation(3).environment
    files = [next(each.rglob("weighbridge.py")) for each in (environments[1], third)]
    assert files[0].stat().st_ino == files[1].stat().st_ino
    assert not apply_with(world, wheels, second, Wish({"caisse": "1.1"})).changed


def test_no_requirement_means_no_environment(tmp_path: Path, wheels: Wheels) -> None:
    """A site whose modules ask for nothing has no ``env/``."""
    world = World(tmp_path)
    assert lock_requirements([], wheels) is None
    apply_with(world, wheels, None)
    assert not world.site.generation(1).environment.exists()


def test_the_same_question_is_not_asked_twice(wheels: Wheels) -> None:
    """A lock that answers is given back as it is, whatever is there to be had by now."""
    lock = lock_requirements([ask("caisse", "weighbridge")], wheels)
    nothing = Wheels(offline=True, folders=())
    assert lock_requirements([ask("caisse", "weighbridge")], nothing, previous=lock) is lock


def test_modules_that_contradict_each_other_are_told_with_their_lines(wheels: Wheels) -> None:
    """Who asks what, and where."""
    with pytest.raises(ConflictingRequirementsError) as caught:
        lock_requirements([ask("a", "weighbridge<2"), ask("b", "weighbridge>=2")], wheels)
    assert caught.value.facts["asks"] == [
        "a: weighbridge<2 (modules/a/module.toml:5)",
        "b: weighbridge>=2 (modules/b/module.toml:5)",
    ]


def test_a_module_that_contradicts_recyclic_itself_is_told(wheels: Wheels) -> None:
    """Modules share its interpreter."""
    with pytest.raises(ConflictingRequirementsError) as caught:
        lock_requirements([ask("a", "fastapi<0.1")], replace(wheels, folders=()))
    assert any("recyclic: fastapi" in text for text in caught.value.facts["asks"])


def test_a_distribution_that_is_nowhere_is_no_contradiction(wheels: Wheels) -> None:
    """Another cause, another code."""
    with pytest.raises(RequirementsUnavailableError):
        lock_requirements([ask("a", "nowhere-to-be-found")], wheels)


def test_a_wheel_that_changed_since_it_was_locked_is_not_installed(
    tmp_path: Path, wheels: Wheels
) -> None:
    """The lock's hashes hold; the site stays as it was."""
    world = World(tmp_path)
    apply_with(world, wheels, None)
    lock = lock_requirements([ask("caisse", "weighbridge")], wheels)
    assert lock is not None
    forged = lock.replace(lock.split("sha256:")[2][:64], "0" * 64)
    with pytest.raises(StepFailedError):
        apply_with(world, wheels, forged)
    assert world.site.current_number() == 1
