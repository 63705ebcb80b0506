"""Templates, compiled once for each language: a page says some eighty fixed sentences, and they stand in it as if it
had been written so."""

import html
from collections.abc import MutableMapping
from typing import Any, cast

from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from app.core.i18n import language, translated


class Templates(Environment):
    """Flask's own, with one of its kind for each language."""

    written_in: str | None = None

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._others: dict[str, Templates] = {}

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002 -- Jinja's own names
        return super(Templates, self._here()).get_template(name, parent, globals)

    def select_template(self, names: Any, parent: Any = None, globals: Any = None) -> Template:  # noqa: A002 -- Jinja's own names
        return super(Templates, self._here()).select_template(names, parent, globals)

    def _here(self) -> "Templates":
        """The one of the language that is being written; what a template includes is in its own."""
        if self.written_in:
            return self
        name = language()
        if name not in self._others:
            self._others[name] = other = self.overlay()
            other.code_generator_class, other.written_in = Written, name
        return self._others[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """A template without names of its own shares those of the application: joining the two anew for each `import`
        of a page costs as much as its twenty pictures."""
        return super().make_globals(d) if d else self.globals

    @staticmethod
    def safe(said: Any) -> str:
        """`escape`, for what is joined with its neighbours at once: making markup of each piece of a page would be a
        tenth of its price."""
        kind = type(said)
        if kind is str:
            return html.escape(said)
        return said if kind is Markup else escape(said)


class Written(CodeGenerator):
    """Writes down what a template says, in the language of its environment."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and not finalize.src:
            self.write("environment.safe(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 -- Jinja's name
        here = cast(Templates, self.environment)
        markup = here.app.select_jinja_autoescape(self.name or "")
        super().visit_Template(_Sentences(here.written_in or "fr", markup=markup).visit(node), frame)


class _Sentences(NodeTransformer):
    """Puts the sentence itself where a template asks for one in which nothing changes."""

    def __init__(self, name: str, *, markup: bool) -> None:
        self._name, self._markup = name, markup

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 -- Jinja's name
        self.generic_visit(node)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_"),
                args=[nodes.Const(value=str(text))],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                said = translated(self._name, text) % {}
                return nodes.Const(Markup(said) if self._markup else said, lineno=node.lineno)  # noqa: S704 -- a text of the catalogue
        return node
