"""The ledger itself: one row per claim, in the order of the posts. Its words are in the messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from invdeconv.report._claims import _layers, _pooling, _recipes, _values

__all__ = ["VERDICTS", "Claim", "claims"]

VERDICTS = ("true", "false", "only if")


@dataclass(frozen=True, eq=False)
class Claim:
    """One factual claim of a post.

    Attributes
    ----------
    id : str
        Messages: ``claims.<id>.quote`` and ``claims.<id>.judgement``.
    post : int
        0 to 3.
    place : str
        Message of the section: ``claims.place.<place>``.
    verdict : {"true", "false", "only if"}
        As the claim stands; what it is true of, the judgement says.
    numbers : mapping of str to float
        What decides it, computed by the library.
    styles : mapping of str to str
        How each number is printed.
    """

    id: str
    post: int
    place: str
    verdict: str
    numbers: Mapping[str, float]
    styles: Mapping[str, str]


# id, post, place, verdict, where the numbers come from, number → style. Rounding errors print as 0 under
# "c": their digits differ between machines.
_ROWS: tuple[tuple[str, int, str, str, Callable[[], dict[str, float]], dict[str, str]], ...] = (
    ("learn", 0, "intro0", "only if", _layers.training, {"weights": "d", "steps": "d", "error": "s2"}),
    ("similar", 0, "intro0", "only if", _pooling.mirror, {"smooth": "f2", "edge": "f2"}),
    ("uses", 0, "uses0", "only if", _values.channel, {"data": "f3", "adjoint": "f3", "wiener": "f3"}),
    ("inverse", 0, "principle0", "false", _values.own, {"adjoint": "s4", "factor": "c3"}),
    ("cannot", 0, "principle0", "true", _values.own, {"best": "s4", "rank": "d", "size": "d"}),
    ("transposed", 0, "principle0", "false", _recipes.kernel_turned, {"transposed": "s3"}),
    ("maximal", 0, "principle0", "only if", _values.padded, {"best": "s4", "pinv": "c3", "own": "c3"}),
    ("can", 0, "principle0", "only if", _values.restoring, {"best": "s4", "haar": "c3"}),
    ("reversed", 0, "steps0", "true", _recipes.kernel_turned, {"reversed": "c3"}),
    (
        "recipe",
        0,
        "steps0",
        "only if",
        _recipes.literal,
        {"own": "c3", "valid": "p0", "same": "p0", "strided": "p0"},
    ),
    ("pads", 0, "steps0", "false", _recipes.pads, {"error": "s3", "right": "d", "cases": "d"}),
    ("partial", 0, "example0", "true", _values.own, {"rank": "d", "size": "d", "pinv": "s4"}),
    ("padding", 0, "arguments0", "true", _recipes.padding_word, {"both": "d", "differing": "d"}),
    (
        "output_shape",
        0,
        "arguments0",
        "true",
        _layers.accepted_shapes,
        {"tried": "d", "valid_low": "d", "valid_high": "d", "same_low": "d", "same_high": "d"},
    ),
    ("backprop", 0, "arguments0", "true", _layers.backward, {"error": "c3"}),
    (
        "same_valid",
        0,
        "listing0",
        "only if",
        _layers.same_and_valid,
        {"four": "c3", "valid": "d", "same": "d"},
    ),
    ("listing", 0, "listing0", "true", _layers.listing, {"conv": "c3", "difference": "c3"}),
    ("reverse", 1, "intro1", "only if", _layers.there_and_back, {"size": "d", "low": "c3", "high": "c3"}),
    ("shapes", 1, "both1", "true", _layers.there_and_back, {"there": "d", "size": "d"}),
    ("kernel_shape", 1, "arguments1", "true", _layers.kernel_layout, {"there": "d", "back": "d"}),
    ("unchanged", 1, "arguments1", "only if", _layers.colliding, {"one": "d", "two": "d"}),
    ("special", 1, "more1", "true", _recipes.pads, {"right": "d", "cases": "d"}),
    ("unpool", 2, "figure2", "true", _pooling.unpool, {"again": "c3", "error": "s3"}),
    ("parameters", 2, "figure2", "true", _layers.training, {"weights": "d", "steps": "d", "error": "s2"}),
    ("unpooling", 2, "figure2", "false", _pooling.fixed_kernel, {"random": "f2", "coincide": "c3"}),
    ("copying", 2, "figure2", "true", _pooling.copying, {"difference": "c3"}),
    ("opposite", 2, "basics2", "true", _layers.backward, {"transposed": "c3"}),
    ("matrix", 2, "basics2", "true", _layers.as_matrix, {"rows": "d", "columns": "d", "nonzero": "d"}),
    ("not_inverse", 2, "use2", "true", _values.picture, {"adjoint": "s4", "best": "s4", "pinv": "s4"}),
    ("upsampling", 2, "use2", "true", _pooling.upsampling, {"size": "d", "middle": "c3", "sum": "c3"}),
    (
        "dense",
        2,
        "use2",
        "true",
        _layers.fully_connected,
        {"difference": "c3", "weights": "d", "rows": "d", "columns": "d"},
    ),
    ("name", 3, "intro3", "true", _values.padded, {"adjoint": "s3", "pinv": "c3"}),
    (
        "faster",
        3,
        "convolution3",
        "only if",
        _layers.multiplications,
        {"nonzero": "d", "entries": "d", "small": "d", "large": "d", "fft": "d"},
    ),
    ("matrix_inverse", 3, "transposed3", "false", _values.ones, {"rank": "d", "nullity": "d", "pinv": "s4"}),
    ("trained", 3, "summary3", "true", _values.trained, {"own": "s3", "learned": "s3", "pinv": "s3"}),
)


def claims() -> tuple[Claim, ...]:
    """Return the ledger, its numbers computed now."""
    found: dict[Callable[[], dict[str, float]], dict[str, float]] = {}
    rows = []
    for name, post, place, verdict, compute, styles in _ROWS:
        if compute not in found:
            found[compute] = compute()
        numbers = {key: found[compute][key] for key in styles}
        rows.append(Claim(name, post, place, verdict, MappingProxyType(numbers), MappingProxyType(styles)))
    return tuple(rows)
