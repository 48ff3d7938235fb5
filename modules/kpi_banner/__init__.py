"""kpi_banner: live totals of the day, from the events of the other modules."""

from .module import KpiBannerModule

MODULE_CLASS = KpiBannerModule

__all__ = ["MODULE_CLASS"]
