"""Names and shapes of parameters, against what the architecture says in words."""

from __future__ import annotations

from math import prod

from hypothesis import given
from tests.architecture.samples import ASKED, SPACES, WHOLE, architectures

from graftwork.architecture import (
    Architecture,
    connection_parameter,
    parameter_count,
    parameter_shapes,
    violations,
)


def test_shapes_of_the_sample() -> None:
    shapes = parameter_shapes(WHOLE)
    assert shapes["networks.n0.from_pixels"] == (32, 64)
    assert shapes["networks.n0.weight_1"] == (20, 32)
    assert shapes["networks.n1.from_n0"] == (16, 20)
    assert shapes["networks.n1.norm_weight_1"] == (16,)
    assert shapes["networks.n3.latent_from_n1"] == (16, 20)
    assert shapes["networks.n3.from_n2"] == (48, 10)
    assert shapes["networks.n3.from_latent"] == (48, 8)
    assert shapes["networks.n4.from_n3"] == (64, 64)
    assert shapes["outputs.image.gain_n3"] == ()
    assert "networks.n3.from_n1" not in shapes


@given(architectures)
def test_every_connection_has_its_own_parameter(architecture: Architecture) -> None:
    names = [connection_parameter(architecture, c.source, c.target) for c in architecture.connections]
    assert len(set(names)) == len(names)
    shapes = parameter_shapes(architecture)
    for connection, name in zip(architecture.connections, names, strict=True):
        width = architecture.by_name[connection.source].width
        assert shapes[name] == () or shapes[name][1] == width


@given(architectures)
def test_the_count_is_what_the_limit_counts(architecture: Architecture) -> None:
    count = sum(prod(shape) for shape in parameter_shapes(architecture).values())
    assert parameter_count(architecture) == count
    assert len(ASKED.outputs) == len(architecture.outputs)
    assert all(count <= space.max_parameters for space in SPACES)
    assert not any("max_parameters" in v for space in SPACES for v in violations(architecture, space))
