"""What tests need not do again and again: compile a template in each of a thousand portals, hash one password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher
from jinja2 import BytecodeCache

from core import templating
from core.i18n import catalogues

if TYPE_CHECKING:
    from types import CodeType

    from jinja2 import Environment
    from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Code of templates by what it was made from: the source, the language, the modules and all the texts."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}
        self._texts: dict[str, Any] = {}
        self._generation = 0

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return a key that other texts make another one."""
        if not catalogues._tables:
            catalogues.load_catalogues()  # as the first text of the template would
        if catalogues._tables != self._texts:
            self._texts = {language: dict(tables) for language, tables in catalogues._tables.items()}
            self._generation += 1
        return f"{self._generation}|{name}|{filename}"

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return what is there of a template in the environment's language."""
        assert isinstance(environment, templating._Environment)
        facts = f"{environment.language}|{','.join(sorted(environment.modules))}"
        return super().get_bucket(environment, f"{facts}|{name}", filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a bucket its code."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a bucket's code."""
        assert bucket.code is not None
        self._code[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile each template once in a process, whoever asks for it."""
    kept, load = Compiled(), templating._Loader.load

    def remembering(loader: Any, environment: Any, name: str, globals: Any = None) -> Any:  # noqa: A002 -- Jinja's name
        environment.bytecode_cache = kept
        return load(loader, environment, name, globals)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templating._Loader, "load", remembering)
        yield


_REAL = {name: getattr(PasswordHasher, name) for name in ("hash", "verify")}


def _once(method: Callable[..., Any]) -> Callable[..., Any]:
    """Answer as *method* answered the first time, with its exception if it raised one."""
    known: dict[tuple[Any, ...], tuple[Any, Exception | None]] = {}

    def answer(hasher: PasswordHasher, *asked: Any) -> Any:
        key = (hasher.time_cost, hasher.memory_cost, hasher.parallelism, *asked)
        if key not in known:
            try:
                known[key] = (method(hasher, *asked), None)
            except Exception as error:  # noqa: BLE001 -- to be raised again, whatever it is
                known[key] = (None, error)
        result, error = known[key]
        if error is not None:
            raise error.with_traceback(None)
        return result

    return answer


@pytest.fixture(scope="session", autouse=True)
def hashed_once() -> Iterator[None]:
    """Hash and check each password once in a process: some thirty milliseconds each, of which tests ask thousands."""
    with pytest.MonkeyPatch.context() as patch:
        for name, method in _REAL.items():
            patch.setattr(PasswordHasher, name, _once(method))
        yield


@pytest.fixture
def hashed_each_time(hashed_once: None) -> Iterator[None]:
    """Let a test that asks how long it takes hash and check passwords in earnest."""
    with pytest.MonkeyPatch.context() as patch:
        for name, method in _REAL.items():
            patch.setattr(PasswordHasher, name, method)
        yield
