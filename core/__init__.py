"""Portico's core: what every module stands on. Modules import `core.sdk` and nothing else of it."""

__version__ = "0.1.0"
