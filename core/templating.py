"""
Templates of pages and mails: one Jinja environment per language, translations folded in when a template is compiled.

    {{ _('Invoices') }}                                          → constant text, escaped at compile time
    {{ _('Hello {name}', name=person.name) }}                    → literals around the escaped value
    {{ ngettext('{n} invoice', '{n} invoices', rows|length) }}   → one comparison; `{n}` is the third argument, grouped

Texts are constants: anything else is an error at compile time, as is a field without its argument. A text with a
variable in a variable is a LazyString made in Python, printed as it is: `{{ problem.message }}`.
Domain = first part of the template's name if that is a module, else `core`; it belongs to the file, so an imported
macro speaks its own domain. Only names ending in `.txt` are plain text (mails), where nothing is escaped.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateAssertionError, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateModule
from jinja2.loaders import split_template_path
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escape_text  # type: ignore[attr-defined]  # what `escape` wraps: str to str

from core.formats import filters, zone_scope
from core.i18n import LANGUAGES, html_lang, language_scope
from core.i18n.catalogues import gettext, plural_forms
from core.i18n.jinja import SYNTAX, translation_call
from core.i18n.lazy import before_stop, field_names, split_fields
from core.kept import KeptExtension, Pieces, drawn_for

CORE_TEMPLATES: Final = Path(__file__).parent / "templates"


class TemplateSetupError(Exception):
    """Templates that a module may not bring; raised at start."""


class _Translate(NodeTransformer):
    """Replaces translation calls by what they say in one language."""

    def __init__(self, *, domain: str, language: str, name: str | None) -> None:
        self.domain = domain
        self.language = language
        self.name = name

    def _refuse(self, node: nodes.Node, why: str) -> TemplateAssertionError:
        return TemplateAssertionError(why, node.lineno, self.name, self.name)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 -- Jinja dispatches by this name
        """`_()` and `ngettext()` become constants, concatenations and conditions; other calls stay."""
        self.generic_visit(node)
        if isinstance(node.node, nodes.Name) and node.node.name in {"_", "ngettext"}:
            texts, arguments = translation_call(node, name=self.name)
            if len(texts) == 1:
                message = gettext(self.domain, texts[0], self.language)
                return self._filled(node, message, source=texts[0], arguments=arguments)
            return self._plural(node, texts, arguments)
        return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 -- Jinja dispatches by this name
        """Spread concatenations: each part is escaped on its own either way, and constants merge into the page."""
        self.generic_visit(node)
        spread: list[nodes.Expr] = []
        for child in node.nodes:
            spread += child.nodes if isinstance(child, nodes.Concat) else [child]
        node.nodes = spread
        return node

    def _plural(self, node: nodes.Call, texts: list[str], arguments: dict[str, nodes.Expr]) -> nodes.Node:
        count = arguments["n"]
        arguments = arguments | {"n": nodes.Filter(count, "number", [], [], None, None, lineno=node.lineno)}
        forms = plural_forms(self.domain, texts[0], texts[1], self.language)
        one, other = (
            self._filled(node, form, source=source, arguments=arguments, may_ignore={"n"})
            for form, source in zip(forms, texts, strict=True)
        )
        operand = (
            nodes.Operand("lt", nodes.Const(2))
            if LANGUAGES[self.language].zero_is_one
            else nodes.Operand("eq", nodes.Const(1))
        )
        return nodes.CondExpr(nodes.Compare(count, [operand]), one, other, lineno=node.lineno)

    def _filled(
        self,
        node: nodes.Call,
        message: str,
        *,
        source: str,
        arguments: Mapping[str, nodes.Expr],
        may_ignore: Iterable[str] = (),
    ) -> nodes.Expr:
        if not arguments:
            if field_names(source):
                raise self._refuse(node, f"{source!r} needs {', '.join(sorted(field_names(source)))}")
            return nodes.Const(message, lineno=node.lineno)
        needed = field_names(source)
        if needed - set(may_ignore) != set(arguments) - set(may_ignore):
            raise self._refuse(node, f"{source!r} was given {', '.join(sorted(arguments))}")
        if not field_names(message) <= set(arguments):
            message = source  # a mistake in a catalogue must not break a page
        parts: list[nodes.Expr] = []
        split = split_fields(message)
        for number, (literal, field) in enumerate(split):
            if literal:
                parts.append(nodes.Const(literal, lineno=node.lineno))
            if field and split[number + 1][0].startswith("."):
                parts.append(nodes.Filter(arguments[field], "before_stop", [], [], None, None, lineno=node.lineno))
            elif field:
                parts.append(arguments[field])
        return parts[0] if len(parts) == 1 else nodes.Concat(parts, lineno=node.lineno)


class _Generator(CodeGenerator):
    """Writes values without a call of `Markup` for each: they are joined to a page, a thousand of them."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Template(Template):
    """Whose macros are imported without a look at the globals of who imports them: they are the same for all."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:  # noqa: ARG002 -- Jinja's signature
        return super()._get_default_module()


class _Environment(Environment):
    """Environment of one language."""

    code_generator_class = _Generator
    template_class = _Template
    pieces: Pieces | None

    def __init__(self, *, language: str, modules: frozenset[str], pieces: Pieces | None, **options: Any) -> None:
        self.language = language
        self.modules = modules
        super().__init__(extensions=[KeptExtension], **SYNTAX, **options)
        self.pieces = pieces

    @staticmethod
    def escaped(value: object) -> str:
        """Return a value as it stands in HTML: what `escape()` says, as text where that is quicker."""
        kind = type(value)
        if kind is str:
            return escape_text(value)  # type: ignore[arg-type]  # as its type says
        return value if kind is Markup else escape(value)  # type: ignore[return-value]  # Markup is a str

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        first = (name or "").partition("/")[0]
        domain = first if first in self.modules else "core"
        _Translate(domain=domain, language=self.language, name=name).visit(tree)
        tree.set_environment(self)
        return tree


class _Loader(BaseLoader):
    """Core's templates by their path, a module's only below its own id."""

    def __init__(self, core: Path, modules: Mapping[str, Path]) -> None:
        self.core = core
        self.folders = {module: folder / "templates" for module, folder in modules.items()}

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002 -- Jinja's signature
        """Text of a template; TemplateNotFound for names that leave their folder."""
        pieces = split_template_path(template)
        path = self.folders.get(pieces[0] if pieces else "", self.core).joinpath(*pieces)
        try:
            source, changed = path.read_text("utf-8"), path.stat().st_mtime_ns
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise TemplateNotFound(template) from error
        return source, str(path), lambda: path.is_file() and path.stat().st_mtime_ns == changed

    def list_templates(self) -> list[str]:
        """All names, sorted."""
        roots = [self.core, *self.folders.values()]
        return sorted(path.relative_to(root).as_posix() for root in roots for path in root.rglob("*") if path.is_file())


def _check_folders(core: Path, modules: Mapping[str, Path]) -> None:
    """Raise TemplateSetupError where a module's name hides core's templates or its files lie outside its own folder."""
    for module, folder in modules.items():
        if (core / module).exists():
            raise TemplateSetupError(f"module {module}: core has templates of this name")
        strays = [path.name for path in (folder / "templates").glob("*") if path.name != module]
        if strays:
            raise TemplateSetupError(f"module {module}: only templates/{module}/ is its own, not {sorted(strays)}")


class Templates:
    """All templates of core and modules in every language; catalogues must be loaded before the first render.

    `modules` maps ids to folders. `shared` are names that every template sees, macros too (asset, icon …).
    `reload` looks at the files again at each render, for development.
    """

    def __init__(
        self,
        modules: Mapping[str, Path] | None = None,
        *,
        core: Path = CORE_TEMPLATES,
        shared: Mapping[str, object] | None = None,
        reload: bool = False,
    ) -> None:
        modules = modules or {}
        _check_folders(core, modules)
        self._loader = _Loader(core, modules)
        self._environments: dict[str, _Environment] = {}
        self._found: dict[tuple[str, str], Template] | None = None if reload else {}
        self.pieces = None if reload else Pieces()
        for language in LANGUAGES:
            environment = _Environment(
                language=language,
                modules=frozenset(modules),
                pieces=self.pieces,
                loader=self._loader,
                autoescape=_escaped,
                undefined=StrictUndefined,
                auto_reload=reload,
                cache_size=-1,
            )
            environment.filters.update(filters(language), before_stop=before_stop)
            environment.globals.update(shared or {}, language=language, html_lang=html_lang(language))
            self._environments[language] = environment

    def render(self, name: str, language: str, context: Mapping[str, object], *, reader: Hashable | None = None) -> str:
        """Text of a template in a language; `zone` in the context (default UTC) is the zone of every instant in it.

        With a `reader` her pieces are kept for the next page (core/kept.py).

        Raises TemplateNotFound, TemplateSyntaxError, UndefinedError.
        """
        template = self.template(name, language)
        zone = context.get("zone", "UTC")
        if not isinstance(zone, str | ZoneInfo):
            raise TypeError(f"zone must be the name of a time zone, not {zone!r}")
        with language_scope(language), zone_scope(zone), drawn_for(reader and (reader, str(zone))):
            return template.render(context)

    def render_text(self, source: str, language: str, context: Mapping[str, object]) -> str:
        """As `render`, of an HTML template given as text; for tests."""
        with language_scope(language), zone_scope(str(context.get("zone", "UTC"))):
            return self._environments[language].from_string(source).render(context)

    def template(self, name: str, language: str) -> Template:
        """Compiled template."""
        if self._found is None:
            return self._environments[language].get_template(name)
        found = self._found.get((name, language))
        if found is None:
            found = self._found[name, language] = self._environments[language].get_template(name)
        return found

    def names(self) -> list[str]:
        """Names of all templates, sorted."""
        return self._loader.list_templates()

    def compile_all(self, languages: Iterable[str] = tuple(LANGUAGES)) -> None:
        """Compile every template, so that mistakes show at once."""
        for language in languages:
            for name in self.names():
                self.template(name, language)


def _escaped(name: str | None) -> bool:
    return not (name or "").endswith(".txt")
