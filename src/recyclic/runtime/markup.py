"""HTML for the runtime's own pages: no script, no style and no font from anywhere else."""

from collections.abc import Iterable
from html import escape

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; }
td { overflow-wrap: anywhere; }
tr { border-bottom: 1px solid #8885; }
code, pre { font: .9em ui-monospace, monospace; } pre { overflow-x: auto; }
summary { cursor: pointer; padding: .2rem 0; }
.good { color: #18794e; } .bad { color: #c62a2f; }
@media (prefers-color-scheme: dark) { .good { color: #4cc38a; } .bad { color: #ff8589; } }
"""


class Html(str):
    """Text that is HTML already; everything else is escaped on its way in."""

    __slots__ = ()


def element(tag: str, *content: object, **attributes: str) -> Html:
    """``<tag attributes>content</tag>``. A trailing underscore is dropped from attribute names."""
    written = "".join(
        f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items()
    )
    return Html(f"<{tag}{written}>{joined(content)}</{tag}>")


def joined(parts: Iterable[object]) -> Html:
    """All parts one after the other."""
    return Html("".join(part if isinstance(part, Html) else escape(str(part)) for part in parts))


def page(title: str, language: str, *content: object) -> str:
    """A whole document."""
    head = joined(
        [
            Html('<meta charset="utf-8">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            element("style", Html(_STYLE)),
        ]
    )
    body = element("body", element("h1", title), *content)
    return f"<!doctype html>\n{element('html', element('head', head), body, lang=language)}\n"
