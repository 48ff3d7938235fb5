"""paheko_sync: one accounting entry in Paheko for every closed till session, exactly once."""

from .module import PahekoSyncModule

MODULE_CLASS = PahekoSyncModule

__all__ = ["MODULE_CLASS"]
