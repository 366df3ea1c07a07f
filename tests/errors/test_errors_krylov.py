"""Krylov methods: (call, message), each an InvalidInputError."""

from __future__ import annotations

import re

import numpy as np
import pytest

from invdeconv import Convolution, InvalidInputError, SolverError, cgls, hybrid_lsqr, lsmr, lsqr, noise, psf
from invdeconv.operators import LinearOperator

DATA = np.add.outer(np.arange(8.0), np.cos(np.arange(7))) + 2
PSF = psf.gaussian((3, 3), 0.8)
C = Convolution(PSF, (8, 7))
METHODS = (cgls, lsqr, lsmr, hybrid_lsqr)


def rows():
    for method in METHODS:
        name = method.__name__
        for options, message in (
            ({"lam": -1}, "lam must be a finite number >= 0; got -1."),
            ({"rtol": 0}, "rtol must be a finite number > 0; got 0."),
            ({"max_iter": 0}, "max_iter must be an integer >= 1; got 0."),
            ({"noise": 0.0}, "noise must be a finite number > 0; got 0.0. Wrap a deviation per sample"),
            ({"noise": noise.Gaussian(np.ones((7, 8)))}, "noise.std must have shape (8, 7); got (7, 8)."),
            (
                {"noise": noise.Gaussian(np.ones((8, 7))), "boundary": "taper"},
                "boundary must not be 'taper' beside a std per sample",
            ),
            ({"callback": 3}, "callback must be callable; got 3."),
            ({"boundary": "wrap"}, "boundary must be one of taper, liu-jia, unknown,"),
        ):
            yield lambda m=method, o=options: m(DATA, PSF, **o), f"{name}: {message}"
        yield (
            lambda m=method: m(DATA, C, boundary="zero"),
            f"{name}: boundary must be None beside an operator",
        )
        yield lambda m=method: m(DATA[:5], C), f"{name}: data must have shape (8, 7); got (5, 7)."
    for method in METHODS[:3]:
        name = method.__name__
        yield (
            lambda m=method: m(DATA, PSF, start=np.ones((8, 8))),
            f"{name}: start must have shape (8, 7); got (8, 8). It is an estimate.",
        )
        yield (
            lambda m=method: m(DATA, PSF, start=DATA * np.nan),
            f"{name}: start must be finite; got 56 values",
        )
    yield (
        lambda: hybrid_lsqr(DATA, PSF, lam="gcv"),
        "hybrid_lsqr: lam must be one of weighted_gcv; got 'gcv'. Check the spelling.",
    )
    yield (
        lambda: hybrid_lsqr(DATA, PSF, reorthogonalize=1),
        "hybrid_lsqr: reorthogonalize must be True or False; got 1. Pass a bool.",
    )


CASES = list(rows())


@pytest.mark.parametrize(("call", "message"), CASES, ids=[f"{i} {m[:50]}" for i, (_, m) in enumerate(CASES)])
def test_message(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        call()


class FailsLater(LinearOperator):
    """The identity for four applications, NaN from then on."""

    def __init__(self):
        super().__init__((5,), (5,))
        self.left = 4

    def _forward(self, x):
        self.left -= 1
        return np.arange(1.0, 6.0) * x if self.left >= 0 else np.full_like(x, np.nan)

    def _adjoint(self, y):
        return np.arange(1.0, 6.0) * y


@pytest.mark.parametrize("method", METHODS[:3])
def test_an_iterate_that_is_not_finite_raises_with_the_last_good_one(method):
    with pytest.raises(SolverError, match=rf"{method.__name__}: iterate \d is not finite") as caught:
        method(np.ones(5), FailsLater(), rtol=1e-14)
    assert caught.value.result.n_iter >= 2
    assert np.isfinite(caught.value.result.estimate).all()
