"""What modules with data of their own share: a safe SQLite file, refusals, and a clock.

Nothing of the product uses it, and no module has to. ``recyclic.kit.database`` needs SQLAlchemy,
which a module asks for in its own ``[dependencies]``.
"""
