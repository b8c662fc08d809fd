"""What every module's records have, whatever they are: `records` in the public surface."""

from core.messages.timeline import record_context as context
from core.messages.timeline import timeline_of
from core.records.files import files_of
from core.records.kinds import audience

__all__ = ["audience", "context", "files_of", "timeline_of"]
