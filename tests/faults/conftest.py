"""One small search that several files look at."""

from tests.search.conftest import whole

__all__ = ["whole"]
