"""Pictures and filters over them, kept; nothing heavy is loaded, since the first page stands on this.

What comes from an upload, or from a visitor's own kernel, is kept for that session only.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from core.charts.palette import picture_url
from core.data.kernels import KERNELS
from core.data.pictures import SAMPLES, Picture
from core.exact.feature_maps import FilteredPicture, filter_picture

Made = TypeVar("Made")
Weights = tuple[tuple[float, ...], ...]
BY_DIGEST: dict[str | type[Any], Callable[[Any], Any]] = {Picture: lambda picture: picture.digest}
KERNEL_WEIGHTS = {entry.weights for entry in KERNELS.values()}
BUILT_IN: set[str] = set()
"""Digests of the built-in pictures that were read."""


@st.cache_resource(max_entries=16, show_spinner=False)
def sample_picture(name: str) -> Picture:
    """A built-in picture by its name in `SAMPLES`."""
    picture = SAMPLES[name].read()
    BUILT_IN.add(picture.digest)
    return picture


def kept(make: Callable[..., Made]) -> Callable[..., Made]:
    """What is made of a picture and a kernel, kept: where both are built in for all visitors, else for its own session.

    Fifty visitors who look at one photograph would else hold 40 MB of the same numbers.
    """
    shared = st.cache_resource(max_entries=128, show_spinner=False, hash_funcs=BY_DIGEST)(make)
    own = st.cache_resource(max_entries=4, show_spinner=False, scope="session", hash_funcs=BY_DIGEST)(make)

    def found(picture: Picture, kernel: Weights, *settings: str) -> Made:
        built_in = picture.digest in BUILT_IN and kernel in KERNEL_WEIGHTS
        return (shared if built_in else own)(picture, kernel, *settings)

    return found


@kept
def filtered(picture: Picture, kernel: Weights) -> FilteredPicture:
    """All of one filter over one picture that does not depend on b."""
    return filter_picture(picture, kernel)


@kept
def still_pictures(picture: Picture, kernel: Weights) -> tuple[str, str]:
    """The picture, and its sums of products, as data URLs: what does not move with b."""
    z = filtered(picture, kernel)
    sums = picture_url(z.pre, -z.farthest, z.farthest, "signed", size=1)
    return picture_url(picture.pixels, 0, 1, "grey", size=1), sums


@kept
def map_without_bias(picture: Picture, kernel: Weights, activation: str) -> str:
    """The map of the twin, which no b moves, as a data URL."""
    z = filtered(picture, kernel)
    return picture_url(z.feature_map(activation), *z.scale(activation), size=1)
