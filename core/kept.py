"""
Pieces of pages that are drawn anew only when something they show has changed.

    {% kept %}{{ rail(menu, _('Main menu')) }}{% endkept %}
    {% kept view['reset_url'] %}{{ filter_panel(view['filters'], view['search']) }}{% endkept %}

What a piece shows is read off its source when it is compiled: each name that it reads, as `view['filters']` or
`view.get('keep')` where that is all it reads of `view`. At every page these values are compared with those that the
piece was drawn of for this reader last; only where all are equal is it taken from memory, so nothing can be forgotten.
An expression behind `kept` tells places apart where one reader sees a piece in several states by turns; it costs
memory if it is too fine and time if it is too coarse, never the truth.

Form tokens differ from page to page: a page is drawn with `TOKEN_MARK` and the token put in at the end.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, TemplateAssertionError, UndefinedError, nodes
from jinja2.ext import Extension
from jinja2.visitor import NodeVisitor

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from jinja2.parser import Parser

TOKEN_MARK: Final = f"csrf-{secrets.token_hex(16)}"
"""Stands where a page's form token will; nobody outside of this process can write it into a text."""
MOST_CHARACTERS: Final = 16_000_000
"""How much is kept in a process for all readers; what was not used for longest goes first."""

_reader: ContextVar[Hashable | None] = ContextVar("portico_reader", default=None)
_TRANSLATED: Final = frozenset({"_", "ngettext"})


@contextmanager
def drawn_for(reader: Hashable | None) -> Iterator[None]:
    """Draw what follows for *reader*, whose pieces are kept apart from those of others; None: nothing is kept."""
    before = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(before)


class Pieces:
    """What was drawn, of which values; the one of all readers' that was not used for longest goes first."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self.most = most
        self.characters = 0
        self._known: OrderedDict[Hashable, tuple[tuple[Any, ...], str]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def drawn(self, key: Hashable, values: tuple[Any, ...], draw: Callable[[], str]) -> str:
        """Return the piece *key* as it was drawn of equal *values*, or draw it."""
        known = self._known.get(key)
        if known is not None:
            if _equal(known[0], values):
                self._known.move_to_end(key)
                return known[1]
            self.characters -= len(known[1])
            del self._known[key]
        text = draw()
        self._known[key] = values, text
        self.characters += len(text)
        while self.characters > self.most:
            _, (_, dropped) = self._known.popitem(last=False)
            self.characters -= len(dropped)
        return text


def _equal(known: tuple[Any, ...], values: tuple[Any, ...]) -> bool:
    try:
        return known == values
    except UndefinedError:  # a name that is read only where it is there
        return False


class KeptExtension(Extension):
    """The tag `kept`."""

    tags = {"kept"}  # noqa: RUF012 -- as Jinja declares it

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.extend(pieces=None)

    def parse(self, parser: Parser) -> nodes.Node:
        """Turn the piece into a call of `_draw`, with what it reads."""
        lineno = next(parser.stream).lineno
        at_end = parser.stream.current.test("block_end")
        state: nodes.Expr = nodes.Const(None) if at_end else parser.parse_expression()
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        read = _Read(parser.name)
        for node in body:
            read.visit(node)
        language = getattr(self.environment, "language", "")
        piece = nodes.Const((parser.name, lineno, language))
        call = self.call_method("_draw", [piece, state, nodes.Tuple(read.values(), "load")])
        return nodes.CallBlock(call, [], [], body).set_lineno(lineno)

    def _draw(self, piece: Hashable, state: Hashable, values: tuple[Any, ...], caller: Callable[[], str]) -> str:
        reader = _reader.get()
        pieces: Pieces | None = self.environment.pieces  # type: ignore[attr-defined]  # put there by extend()
        if reader is None or pieces is None:
            return caller()
        return pieces.drawn((piece, reader, state), values, caller)


class _Read(NodeVisitor):
    """What a piece reads of its surroundings."""

    def __init__(self, name: str | None) -> None:
        self._name = name
        self._own: set[str] = set()
        self._found: dict[str, tuple[str, nodes.Expr]] = {}

    def values(self) -> list[nodes.Expr]:
        """Return what is read; parts of what is read whole are left out."""
        found = {key: (name, node) for key, (name, node) in self._found.items() if name not in self._own}
        whole = {name for name, node in found.values() if isinstance(node, nodes.Name)}
        return [node for name, node in found.values() if isinstance(node, nodes.Name) or name not in whole]

    def visit_Name(self, node: nodes.Name) -> None:  # noqa: N802 -- Jinja dispatches by this name
        """Take a name that is read; one that the piece sets itself is its own."""
        if node.ctx != "load":
            self._own.add(node.name)
        elif node.name not in _TRANSLATED:
            self._take(node.name, node)

    def visit_For(self, node: nodes.For) -> None:  # noqa: N802 -- Jinja dispatches by this name
        """Take what a loop reads; `loop` is its own."""
        self._own.add("loop")
        self.generic_visit(node)

    def visit_Getitem(self, node: nodes.Getitem) -> None:  # noqa: N802 -- Jinja dispatches by this name
        """Take `name['key']` as such, anything deeper as a whole."""
        if isinstance(node.node, nodes.Name) and node.node.ctx == "load" and isinstance(node.arg, nodes.Const):
            self._take(node.node.name, node)
        else:
            self.generic_visit(node)

    def visit_Call(self, node: nodes.Call) -> None:  # noqa: N802 -- Jinja dispatches by this name
        """Take `name.get('key')` as such."""
        asked = node.node
        constant = all(_is_constant(arg) for arg in node.args) and not node.kwargs
        if (
            constant
            and isinstance(asked, nodes.Getattr)
            and asked.attr == "get"
            and isinstance(asked.node, nodes.Name)
            and asked.node.ctx == "load"
        ):
            self._take(asked.node.name, node)
        else:
            self.generic_visit(node)

    def _take(self, name: str, node: nodes.Expr) -> None:
        if name in {"self", "super"}:
            self._refuse(node)
        self._found.setdefault(repr(node), (name, node))

    def _refuse(self, node: nodes.Node) -> None:
        message = f"a kept piece cannot see what {type(node).__name__} reads: draw that outside of it"
        raise TemplateAssertionError(message, node.lineno, self._name, self._name)

    visit_Block = visit_Include = visit_Import = visit_FromImport = visit_Extends = _refuse  # noqa: N815 -- Jinja's names
    visit_ContextReference = visit_DerivedContextReference = _refuse  # noqa: N815 -- Jinja's names


def _is_constant(node: nodes.Node) -> bool:
    if isinstance(node, nodes.List | nodes.Tuple):
        return all(_is_constant(item) for item in node.items)
    return isinstance(node, nodes.Const)
