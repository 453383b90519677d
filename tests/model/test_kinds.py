"""What convolutional networks and embeddings compute, against plain torch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from tests.architecture.test_kinds import IMAGES
from tests.variation.samples import rough_model
from torch.nn import functional as F

import graftwork as gw
from graftwork.architecture import InputNode, Layer
from graftwork.model import Given
from graftwork.runtime import torch_generator


def rows(count: int = 6) -> dict[str, torch.Tensor]:
    noise = torch_generator(0, 0, "rows")
    return {
        "photo": torch.randn((count, 49), generator=noise),
        "species": torch.tensor([0.0, 1.0, 2.0, -1.0, 3.0, 2.0])[:count, None],
    }


def test_an_encoder_convolves_and_an_embedding_looks_up() -> None:
    model, inputs = rough_model(IMAGES, 0), rows()
    w = {name.removeprefix("networks."): value for name, value in model.state_dict().items()}
    raw = model.run(inputs).raw

    photo = inputs["photo"].reshape(-1, 1, 7, 7)
    h = F.conv2d(photo, w["n0.from_photo"], w["n0.bias_0"], stride=2, padding=1)
    h = h0 = torch.relu(F.group_norm(h, 1, w["n0.norm_weight_0"], w["n0.norm_bias_0"]))
    h = F.conv2d(h, w["n0.weight_1"], w["n0.bias_1"], padding=1)
    h = torch.tanh(F.group_norm(h, 1, w["n0.norm_weight_1"], w["n0.norm_bias_1"])) + h0
    n0 = F.conv2d(h, w["n0.weight_2"], w["n0.bias_2"], padding=1)
    torch.testing.assert_close(raw["n0"], n0.flatten(1))
    n1 = F.conv2d(n0, w["n1.from_n0"], w["n1.bias_0"], padding=1) + n0
    torch.testing.assert_close(raw["n1"], n1.flatten(1))

    known = torch.tensor([0, 1, 2, -1, -1, 2])
    hot = torch.stack([(known == code).float() for code in range(3)], dim=1)
    n2 = F.linear(
        F.gelu(F.linear(hot, w["n2.from_species"], w["n2.bias_0"])), w["n2.weight_1"], w["n2.bias_1"]
    )
    torch.testing.assert_close(raw["n2"], n2)

    pooled = n1.mean(dim=(2, 3))
    first = F.linear(pooled, w["n3.from_n1"], w["n3.bias_0"]) + F.linear(n2, w["n3.from_n2"])
    torch.testing.assert_close(raw["n3"], F.linear(torch.relu(first), w["n3.weight_1"], w["n3.bias_1"]))


def test_a_convolutional_decoder_enlarges_its_map_until_it_is_the_image() -> None:
    model, inputs = rough_model(IMAGES, 1), rows()
    w = {name.removeprefix("networks.n5."): value for name, value in model.state_dict().items()}
    draws = torch.randn((6, 3), generator=torch_generator(1, 0, "draws"))
    passed = model.run(inputs, latent=Given({"n5": draws}), outputs=["image"])

    first = F.linear(draws, w["from_latent"], w["bias_0"]) + F.linear(passed.handed["n3"], w["from_n3"])
    h = torch.relu(first.reshape(-1, 6, 2, 2)).repeat_interleave(2, 2).repeat_interleave(2, 3)
    h = torch.tanh(F.conv2d(h, w["weight_1"], w["bias_1"], padding=1))
    h = F.interpolate(h, size=(7, 7))
    h = torch.tanh(F.conv2d(h, w["weight_2"], w["bias_2"], padding=1)) + h
    h = F.conv2d(h, w["weight_3"], w["bias_3"], padding=1)
    torch.testing.assert_close(passed.raw["n5"], h.flatten(1))


def test_a_problem_of_images_and_categories_is_learnt() -> None:
    rng = np.random.default_rng(0)
    species = rng.choice(["adelie", "gentoo", "king"], size=400)
    bright = rng.normal(size=400)
    images = 0.1 * rng.normal(size=(400, 1, 7, 7)) + bright[:, None, None, None]
    amount = bright + np.select([species == "adelie", species == "king"], [1.5, -1.5])
    problem = gw.Problem.from_arrays(
        "birds",
        inputs={"photo": images, "species": (gw.Categorical(), species)},
        outputs={"amount": (gw.Regression(), amount), "image": (gw.Generation(), images)},
    )
    space = gw.SearchSpace.modern(convolutions=(True,), channels=(2, 6), dropouts=(0.0,))
    kinds: set[str] = set()
    skills = []
    for seed in range(4):
        architecture = gw.random_architecture(problem, space, seed=seed)
        kinds |= {network.kind for network in architecture.networks}
        trained = gw.train(gw.build(architecture, seed=0), problem, budget=gw.Budget(steps=300), seed=0)
        skills.append(gw.evaluate(trained.model, problem)["amount"].skill)
    assert {"embedding", "convolutional_encoder", "convolutional_decoder"} <= kinds
    assert max(skills) > 0.9


def test_an_embedding_starts_at_the_scale_of_one_code_a_source() -> None:
    wide = gw.Network("n2", "embedding", 6, (Layer(400, "relu"),))
    parent = IMAGES.with_network(wide)
    coded = replace(parent, inputs=(*parent.inputs, InputNode("sex", 1, categories=2)))
    weights = gw.build(coded.with_connections(gw.Connection("sex", "n2")), seed=0).state_dict()
    drawn = torch.cat([weights["networks.n2.from_species"], weights["networks.n2.from_sex"]], dim=1)
    # He: the variance is 2 over the numbers that are read, of each source one.
    assert 0.9 < float(drawn.std()) < 1.1
