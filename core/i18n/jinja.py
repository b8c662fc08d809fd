"""How translation calls look in templates: shared by the compiler and the extraction."""

from typing import Any, Final

from jinja2 import TemplateAssertionError, nodes

SYNTAX: Final[dict[str, Any]] = {"trim_blocks": True, "lstrip_blocks": True}


def translation_call(node: nodes.Call, *, name: str | None) -> tuple[list[str], dict[str, nodes.Expr]]:
    """Texts of a `_()` or `ngettext()` call (one, or singular and plural) and the arguments of their fields.

    Raises TemplateAssertionError where the texts are no constants or the arguments are not named.
    """
    function = node.node.name if isinstance(node.node, nodes.Name) else ""
    positional = 1 if function == "_" else 3
    texts = [child.value for child in node.args[:2] if isinstance(child, nodes.Const) and isinstance(child.value, str)]
    if len(node.args) != positional or len(texts) != min(positional, 2) or node.dyn_args or node.dyn_kwargs:
        wanted = "_('text', name=value)" if function == "_" else "ngettext('one', 'many', count, name=value)"
        raise TemplateAssertionError(f"write {wanted} with constant texts", node.lineno, name, name)
    arguments = {argument.key: argument.value for argument in node.kwargs}
    if function == "ngettext":
        arguments["n"] = node.args[2]
    return texts, arguments
