"""XML as different writers dress it: prefixes, declarations, encodings, comments, instructions, white space."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Node:
    """An element: the key of its namespace, its name, attributes, texts and elements inside."""

    space: str
    name: str
    inside: tuple[Node | str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Dress:
    """How a document is written. `prefixes` by key of namespace; an empty one is declared where it is needed."""

    prefixes: Mapping[str, str]
    encoding: str = "UTF-8"
    bom: bytes = b""
    codec: str = ""
    declared: bool = True
    before: str = ""
    indent: bool = False
    cdata: bool = False
    remarks: bool = False

    def bytes_of(self, root: Node, spaces: Mapping[str, str]) -> bytes:
        parts = [f'<?xml version="1.0" encoding="{self.encoding}"?>' if self.declared else "", self.before]
        parts.extend(self._written(root, spaces, None, 0))
        return self.bom + "".join(parts).encode(self.codec or self.encoding)

    def _written(self, node: Node, spaces: Mapping[str, str], default: str | None, depth: int) -> Iterable[str]:
        prefix = self.prefixes.get(node.space, node.space)
        tag = f"{prefix}:{node.name}" if prefix else node.name
        stated = dict(node.attributes)
        if depth == 0:
            stated |= {
                f"xmlns:{self.prefixes.get(key, key)}": uri for key, uri in spaces.items() if self._named(key, uri)
            }
        own = spaces.get(node.space, "")
        if not prefix and own != (default or ""):
            stated["xmlns"], default = own, own
        gap = "\n" + "\t" * depth if self.indent and depth else ""
        yield gap + f"<{tag}" + "".join(f" {key}={quoteattr(value)}" for key, value in stated.items()) + ">"
        if self.remarks and depth:
            yield "<!-- & <not> an element --><?writer hint?>"
        for part in node.inside:
            if isinstance(part, Node):
                yield from self._written(part, spaces, default, depth + 1)
            else:
                yield f"<![CDATA[{part}]]>" if self.cdata else escape(part)
        if self.remarks and depth:
            yield "<!-- end -->"
        if self.indent and any(isinstance(part, Node) for part in node.inside):
            yield "\n" + "\t" * depth
        yield f"</{tag}>"

    def _named(self, key: str, uri: str) -> bool:
        return bool(self.prefixes.get(key, key) and uri)


def dresses(root: str, *others: str) -> dict[str, Dress]:
    """The ways of writing, for a vocabulary whose namespaces have these keys."""
    usual = {root: "", **{key: key for key in others}}
    odd = {root: "inv", **{key: f"n{n}" for n, key in enumerate(others)}}
    bare = dict.fromkeys((root, *others), "")
    return {
        "usual": Dress(prefixes=usual),
        "odd prefixes": Dress(prefixes=odd, indent=True),
        "no prefixes": Dress(prefixes=bare),
        "byte order mark": Dress(prefixes=usual, bom=codecs.BOM_UTF8),
        "utf-16": Dress(prefixes=odd, encoding="UTF-16"),
        "utf-16 big-endian": Dress(prefixes=usual, encoding="UTF-16", codec="utf-16-be", bom=codecs.BOM_UTF16_BE),
        "utf-16 unmarked": Dress(prefixes=usual, encoding="UTF-16LE", codec="utf-16-le"),
        "latin-1": Dress(prefixes=usual, encoding="ISO-8859-1", codec="cp1252"),
        "windows": Dress(prefixes=usual, encoding="windows-1252", codec="cp1252"),
        "undeclared": Dress(prefixes=usual, declared=False),
        "instructions": Dress(
            prefixes=usual, before='<?xml-stylesheet type="text/xsl" href="view.xsl"?>\n<!-- made by hand -->\n'
        ),
        "remarks": Dress(prefixes=odd, remarks=True, indent=True),
        "cdata": Dress(prefixes=usual, cdata=True),
    }
