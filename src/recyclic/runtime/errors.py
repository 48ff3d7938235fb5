"""What can be wrong with one module, and with serving at all. Facts only; words are in cli."""

from recyclic.errors import RecyclicError


class ModuleError(RecyclicError):
    """Why one module is not running. Its first fact is always ``module``."""

    @property
    def module(self) -> str:
        """The module this is about."""
        return str(self.facts["module"])


class ModuleMissingError(ModuleError):
    """Enabled, and its code is nowhere. Facts: ``module``, ``folder``, ``group``."""

    code = "RCY-R001"


class ModuleImportError(ModuleError):
    """Its code cannot be imported. Facts: ``module``, ``kind``, ``detail``, ``where``."""

    code = "RCY-R002"


class NoModuleClassError(ModuleError):
    """Imported, and there is no ``MODULE_CLASS`` in it. Facts: ``module``, ``file``."""

    code = "RCY-R003"


class NotAModuleError(ModuleError):
    """``MODULE_CLASS`` is no subclass of ModuleBase. Facts: ``module``, ``found``."""

    code = "RCY-R004"


class DependencyMissingError(ModuleError):
    """What it needs is not enabled. Facts: ``module``, ``needs``."""

    code = "RCY-R005"


class DependencyTooLateError(ModuleError):
    """What it needs stands after it in the boot order. Facts: ``module``, ``needs``."""

    code = "RCY-R006"


class DependencyVersionError(ModuleError):
    """What it needs is at a version that does not fit.

    Facts: ``module``, ``needs`` (name and specifier), ``found`` (the version).
    """

    code = "RCY-R007"


class WrongVersionError(ModuleError):
    """The code on disk is not the version config.toml names.

    Facts: ``module``, ``expected``, ``found``.
    """

    code = "RCY-R008"


class NeedsFailedModuleError(ModuleError):
    """Set aside because of another module. Facts: ``module``, ``needs`` and its ``state``."""

    code = "RCY-R009"


class StartupError(ModuleError):
    """Its ``startup`` raised. Facts: ``module``, ``kind``, ``detail``, ``where``."""

    code = "RCY-R010"


class StartupTimeoutError(ModuleError):
    """Its ``startup`` took too long. Facts: ``module``, ``limit_s``."""

    code = "RCY-R011"


class RouteClaimedError(ModuleError):
    """It claims a path that another has. Facts: ``module``, ``path``, ``owner``."""

    code = "RCY-R012"


class SecretMissingError(ModuleError):
    """A secret it is set up with is not there. Facts: ``module``, ``setting``, ``source``."""

    code = "RCY-R013"


class HookError(ModuleError):
    """One of its register hooks raised.

    Facts: ``module``, ``hook``, ``kind``, ``detail``, ``where``.
    """

    code = "RCY-R014"


class DescriptorError(ModuleError):
    """Its module.toml cannot be used. Facts: ``module``, ``file``, ``detail``."""

    code = "RCY-R015"


class ConflictingModuleError(ModuleError):
    """It cannot stand beside another enabled module. Facts: ``module``, ``other``."""

    code = "RCY-R016"


class ModuleCrashError(ModuleError):
    """The process died, or stood still, in its code. Facts: ``module``, ``phase``, ``how``."""

    code = "RCY-R017"


class ServeError(RecyclicError):
    """What keeps a whole site from being served."""

    code = "RCY-R020"


class NeedsProxyError(ServeError):
    """An address that others can reach, and no word of a proxy in front. Facts: ``host``."""

    code = "RCY-R020"
    exit_code = 64


class CannotListenError(ServeError):
    """The address cannot be bound. Facts: ``host``, ``port``, ``reason``."""

    code = "RCY-R021"


class AlreadyServedError(ServeError):
    """Another process serves this site. Facts: ``site``, ``pid``."""

    code = "RCY-R022"
    exit_code = 5


class WorkersFailedError(ServeError):
    """No worker came up. Facts: ``reason``, ``attempts``."""

    code = "RCY-R023"


class NotServedError(ServeError):
    """Nobody serves this site, so nobody can be told anything. Facts: ``site``."""

    code = "RCY-R024"


class ReloadRefusedError(ServeError):
    """The new workers did not come up as they should; the old ones serve on. Facts: ``reason``."""

    code = "RCY-R025"


class ControlRequestError(ServeError):
    """A request on the control socket that makes no sense. Facts: ``request``, ``reason``."""

    code = "RCY-R026"


class NothingToServeError(ServeError):
    """The site has no current generation. Facts: ``site``, ``file``."""

    code = "RCY-R027"


class ApiError(RecyclicError):
    """A request to the site's own API that is refused. Only ever an answer."""


class NoOperatorsError(ApiError):
    """Nobody may operate this site's bus over HTTP. Facts: ``site``."""

    code = "RCY-R030"


class OperatorUnknownError(ApiError):
    """No token, or one that is nobody's. No facts: who asks is told nothing."""

    code = "RCY-R031"


class OperatorMayNotError(ApiError):
    """The operator's level is too low. Facts: ``operator``, ``level``, ``needed``."""

    code = "RCY-R032"


class RequestError(ApiError):
    """A request that makes no sense. Facts: ``where``, ``reason``."""

    code = "RCY-R033"


class OperatorTokenError(RecyclicError):
    """An operator is not let in. Facts: ``operator``, ``reason``."""

    code = "RCY-R034"


class NotOperableError(ApiError):
    """The bus is in memory: there is nothing that an operator could reach. Facts: ``site``."""

    code = "RCY-R035"
