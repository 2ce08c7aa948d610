"""Rules for templates: they can be read, escape, are translated and carry no code of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import i18n

TRANSLATING = frozenset({"_", "gettext", "ngettext", "pgettext", "npgettext"})
SPOKEN_ATTRIBUTES = frozenset({"alt", "aria-label", "aria-description", "placeholder", "title"})
# Elements whose text is not language.
MUTE_ELEMENTS = frozenset({"script", "style", "code", "kbd", "pre"})
DATA_TYPES = frozenset({"application/json", "application/ld+json"})
VOID_ELEMENTS = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()  # noqa: SIM905
)
# Jinja's own marks, translated texts within them; a block named …_class stands in an attribute.
JINJA = re.compile(
    r"{%-?\s*block \w+_class\b.*?{%-?\s*endblock.*?%}"
    r"|{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}"
    r"|{#.*?#}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
# Two letters in a row: many Vietnamese words are no longer.
WORD = re.compile(r"[^\W\d_]{2}")
# What "text % values" refuses: a per cent sign that is neither doubled nor begins a placeholder.
LONE_PERCENT = re.compile(r"(?<!%)(?:%%)*%(?![%(])")


def problems(root: Path) -> list[str]:
    """Return the faults of every template below root, a line a fault."""
    found = []
    for path in sorted((root / "templates").glob("**/*")):
        if path.is_file():
            name = path.relative_to(root).as_posix()
            source = path.read_text(encoding="utf-8")
            found += [f"{name}:{fault}" for fault in faults(source)]
    return found


def faults(source: str) -> list[str]:
    """Return "line: what is wrong" for each fault of one template."""
    environment = Environment(autoescape=True, extensions=[i18n])
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return [f"{error.lineno}: {error.message}"]
    page = _Page()
    page.feed(JINJA.sub(_blank, source))
    page.close()
    found = [*_unescaped(tree), *_untranslatable(tree), *page.faults]
    return sorted(found, key=lambda fault: int(fault.partition(":")[0]))


def _blank(match: re.Match[str]) -> str:
    """Keep the line breaks, so that line numbers stay true."""
    return "\n" * match.group().count("\n")


def _unescaped(tree: nodes.Template) -> Iterator[str]:
    for used in tree.find_all(nodes.Filter):
        if used.name == "safe":
            yield f"{used.lineno}: |safe switches escaping off"
    for node in tree.find_all((nodes.ScopedEvalContextModifier, nodes.EvalContextModifier)):
        yield f"{node.lineno}: {{% autoescape %}} changes escaping"


def _untranslatable(tree: nodes.Template) -> Iterator[str]:
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name not in TRANSLATING:
            continue
        first = call.args[0] if call.args else None
        if not isinstance(first, nodes.Const):
            yield f"{call.lineno}: {name}() needs a fixed text, or nobody can translate it"
        elif LONE_PERCENT.search(str(first.value)):
            yield f"{call.lineno}: write %% for a per cent sign in {first.value!r}"


class _Page(HTMLParser):
    """Reads what is left of a template when Jinja's own marks are blanked."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def _add(self, text: str) -> None:
        self.faults.append(f"{self.getpos()[0]}: {text}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "style" or "style" in names:
            self._add("inline style; the stylesheet is the place")
        if tag == "script" and "src" not in names and dict(attrs).get("type") not in DATA_TYPES:
            self._add("inline script; static/ is the place")
        for name, value in attrs:
            if name.startswith("on"):
                self._add(f"inline script in {name}; static/ is the place")
            if name in SPOKEN_ATTRIBUTES and WORD.search(value or ""):
                self._add(f"{name}={value!r} is not marked for translation")
        if tag not in VOID_ELEMENTS:
            is_mute = tag in MUTE_ELEMENTS or ("translate", "no") in attrs
            self._open.append((tag, is_mute))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        # Branches of {% if %} may open an element twice; close back to the nearest of its name.
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if WORD.search(data) and not any(is_mute for _, is_mute in self._open):
            self._add(f"{data.strip()[:40]!r} is not marked for translation")
