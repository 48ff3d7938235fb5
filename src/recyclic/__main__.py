"""``python -m recyclic`` is the ``recyclic`` command."""

from recyclic.cli.main import run

if __name__ == "__main__":
    run()
