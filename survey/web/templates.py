"""How templates write: texts in the page's language, and values made safe for HTML.

Jinja's own way makes an object of every text and number, only to join them, and asks before every
call whether it wants the template's context. That was half of the time that a page took to write.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import current_app
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape
from markupsafe._speedups import _escape_inner

from survey.web.language import current_language, current_site
from survey.web.texts import find, find_plural

_PLAIN = frozenset(("_", "address", "asset"))
"""Functions of ours that templates call most; none of them takes the template's context."""


def init_templates(environment: Environment) -> None:
    """Let an environment's templates look texts up directly, and write as :func:`written` does."""
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.code_generator_class = _Generator
    writing: Any = environment
    writing.written = written
    # one flat table instead of Jinja's chain of two, which each template of a page copies
    writing.make_globals = lambda more: {**environment.globals, **(more or {})}
    writing.install_gettext_callables(find, find_plural, newstyle=True)
    writing.globals.update(_=text, gettext=text)


def render(template: str, /, **values: object) -> str:
    """Return the text of a template that shows nobody's session, form or message."""
    found = current_app.jinja_env.get_template(template)
    return found.render(values, language=current_language(), site=current_site())


def text(found: str, /, **values: object) -> Markup:
    """Return a text in the language of the page, which is HTML; the values are made safe."""
    if not values:
        return _whole(found, current_language())
    return Markup(find(found) % {name: written(value) for name, value in values.items()})  # noqa: S704


@lru_cache(maxsize=8192)
def _whole(found: str, _language: str) -> Markup:
    return Markup(find(found) % {})  # noqa: S704 (our own texts)


def written(value: object) -> str:
    """Return a value as it stands in HTML: as :func:`markupsafe.escape` does, only sooner."""
    if type(value) is str:
        return _escape_inner(value)
    if type(value) is Markup:
        return value
    if type(value) is int or type(value) is float:
        return str(value)
    return escape(value)


class _Generator(CodeGenerator):
    """Compiles ``{{ … }}`` to a call of ``written``, and calls of what is plain to plain calls."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.written(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Call(  # noqa: N802 (Jinja's name)
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        is_plain = isinstance(node.node, nodes.Name) and node.node.name in _PLAIN
        if not is_plain or node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for each in (*node.args, *node.kwargs):
            self.visit(each, frame)
            self.write(", ")
        self.write(")")
