"""caisse: till sessions, sales with lines, payments and weights, and their totals."""

from .module import CaisseModule

MODULE_CLASS = CaisseModule

__all__ = ["MODULE_CLASS"]
