"""``python -m recyclic.cli.serve_worker``: one worker process, with the command line's words."""

from recyclic.cli.language import translate
from recyclic.cli.printable import printable
from recyclic.cli.words import words_for
from recyclic.errors import RecyclicError
from recyclic.runtime.worker import run_worker


class SpokenWords:
    """Words for the runtime from the command line's texts; see :class:`runtime.speech.Speech`."""

    def describe(self, error: RecyclicError, language: str) -> str:
        """The title of the error's words, with its facts in it."""
        words = words_for(error.code)
        if words is None:
            return str(error)
        facts = {name: _shown(value) for name, value in error.facts.items()}
        said = [translate(text, language) for text in (words.title, words.because) if text]
        try:
            return printable(": ".join(text.format_map(facts) for text in said))
        except KeyError:
            return str(error)

    def translate(self, text: str, language: str) -> str:
        """``text`` in ``language``."""
        return translate(text, language)


def _shown(value: object) -> object:
    """Sequences read as ``a, b, c``."""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value


if __name__ == "__main__":
    run_worker(SpokenWords())
