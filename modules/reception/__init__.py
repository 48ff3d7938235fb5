"""reception: deposits by category and weight, and their totals."""

from .module import ReceptionModule

MODULE_CLASS = ReceptionModule

__all__ = ["MODULE_CLASS"]
