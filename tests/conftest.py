"""What every test process has in common."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start, also where the whole run was put in the background:
    a shell has such a run ignore it, and what ignores it hands that on to its children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
