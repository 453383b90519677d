"""What an origin is: where one parameter of a child comes from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graftwork.architecture import Shape

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Weights:
    """What an origin is carried out with.

    Attributes:
        parent: The parent's parameters by name.
        donor: Those of the model from which a network is grafted; none elsewhere.
        shape: Shape of the parameter that is asked for.
        draw: Draws numbers of a shape as the network's initialiser does.
    """

    parent: Mapping[str, Tensor]
    donor: Mapping[str, Tensor]
    shape: Shape
    draw: Callable[[Shape], Tensor]


class Origin(ABC):
    """Where one parameter of a child comes from.

    Origins are values: they are made before there are any weights, can be read (`str`), and nest: what is
    picked, shared out or put together is an origin itself. Those that pick, divide or compose take origins
    that know their own shape, such as `Kept`; what is drawn, zero or the identity has the shape that is asked
    for, and nests in `Blocks` and `Scaled`.
    """

    @abstractmethod
    def value(self, weights: Weights) -> Tensor:
        """The parameter, in memory of its own."""

    @abstractmethod
    def __str__(self) -> str: ...
