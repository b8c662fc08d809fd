"""What is wrong with a typed value."""

from core.i18n import LazyString


class FormatError(ValueError):
    """A value that cannot be read; `message` tells the person who typed it."""

    def __init__(self, message: LazyString) -> None:
        self.message = message
        super().__init__(repr(message))
