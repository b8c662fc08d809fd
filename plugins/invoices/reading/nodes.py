"""Walking XML by local names: prefixes and the many versions of one namespace make no difference."""

from collections.abc import Iterator
from functools import cache

from lxml.etree import QName, _Element


@cache
def _path(path: str) -> str:
    return "/".join("{*}" + name for name in path.split("/"))


def local_name(node: _Element) -> str:
    """The name without its namespace."""
    return QName(node).localname


def child(node: _Element | None, *paths: str) -> _Element | None:
    """The first element at the first of the paths that exists."""
    if node is None:
        return None
    for path in paths:
        if (found := node.find(_path(path))) is not None:
            return found
    return None


def children(node: _Element | None, *paths: str) -> Iterator[_Element]:
    """All elements at each of the paths, in the paths' order."""
    if node is not None:
        for path in paths:
            yield from node.iterfind(_path(path))


def own_text(node: _Element | None) -> str:
    """The text of one element with its white space collapsed, empty where there is none."""
    return " ".join((node.text or "").split()) if node is not None else ""


def text(node: _Element | None, *paths: str) -> str:
    """The first text that is not empty at one of the paths, white space collapsed."""
    for found in children(node, *paths):
        if value := own_text(found):
            return value
    return ""


def prose(node: _Element | None, *paths: str) -> str:
    """As `text`, keeping line breaks, each line trimmed: notes, terms, descriptions."""
    for found in children(node, *paths):
        if value := "\n".join(line.strip() for line in (found.text or "").strip().splitlines()):
            return value
    return ""


def texts(node: _Element | None, *paths: str) -> tuple[str, ...]:
    """All texts that are not empty."""
    return tuple(value for found in children(node, *paths) if (value := own_text(found)))


def proses(node: _Element | None, *paths: str) -> tuple[str, ...]:
    """All texts that are not empty, line breaks kept."""
    return tuple(
        value
        for found in children(node, *paths)
        if (value := "\n".join(line.strip() for line in (found.text or "").strip().splitlines()))
    )
