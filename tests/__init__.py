"""A package of its own, so that none of the same name that another distribution installs is taken for it."""
