"""What an exception from a module's code says, in three plain facts."""

import traceback


def fault_facts(error: BaseException) -> dict[str, str]:
    """``kind``, ``detail`` and ``where`` (file and line of the innermost frame) of ``error``."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith("<frozen")]
    where = f"{own[-1].filename}:{own[-1].lineno}" if own else ""
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{error.filename}:{error.lineno}"
    return {"kind": type(error).__name__, "detail": str(error)[:500], "where": where}
