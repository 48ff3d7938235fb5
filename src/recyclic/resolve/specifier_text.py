"""A specifier as people write it: lower bound, exceptions, upper bound."""

from packaging.specifiers import SpecifierSet

_ORDER = (">=", ">", "~=", "==", "===", "!=", "<=", "<")


def specifier_text(specifier: SpecifierSet) -> str:
    """The same text for equal sets; empty for any version."""
    clauses = sorted(specifier, key=lambda each: (_ORDER.index(each.operator), each.version))
    return ",".join(str(clause) for clause in clauses)
