"""Operators, restoration, selection: (call, message), each an InvalidInputError; warnings have a code."""

from __future__ import annotations

import re
import warnings
from unittest import mock

import numpy as np
import pytest

from invdeconv import (
    Convolution,
    Differences,
    Identity,
    InputWarning,
    InvalidInputError,
    adjoint,
    check_operator,
    decompose,
    landweber,
    pseudo_inverse,
    psf,
    richardson_lucy,
    selection,
    tikhonov,
    truncated_svd,
    wiener,
)
from invdeconv.operators import Batched, Extension, Stacked

DATA = np.add.outer(np.arange(8.0), np.cos(np.arange(7))) + 2
PSF = psf.gaussian((3, 3), 0.8)
C = Convolution([[1, 0], [-1, -2]], (4, 4), stride=2, padding="valid", correlate=True)
BIG = Convolution.from_psf(np.tri(4, 3) / 9, (48, 48), boundary="zero")  # no decomposition fits
KNOWN = "zero, periodic, symmetric, reflect, edge, antireflect"
METHODS = (adjoint, pseudo_inverse, truncated_svd, tikhonov, wiener, landweber, richardson_lucy)


def spoiled(value):
    data = DATA.copy()
    data[2, 3] = value
    return data


def each_method():
    """What every method refuses, with its own name in front."""
    for method in METHODS:
        name = method.__name__
        rows = [
            ((np.ones((0, 3)), PSF), "data must not be empty; got shape (0, 3)."),
            ((3.0, PSF), "data must have at least one axis; got a scalar."),
            ((spoiled(np.nan), PSF), "data must be finite; got 1 values that are not."),
            ((spoiled(-np.inf), PSF), "data must be finite; got 1 values that are not."),
            ((["a"], PSF), "data must be a numeric array; got"),
            ((DATA.astype(np.longdouble), PSF), "data must be a numeric array; got dtype"),
            (
                (DATA, np.ones((1, 3, 3))),
                "psf must have as many dimensions as data (2); got 3. Pass psf[0] or 3-D data.",
            ),
            (
                (DATA, np.ones(3)),
                "psf must have as many dimensions as data (2); got 1. Pass one of the same rank or 1-D data.",
            ),
            ((DATA, np.ones((0, 1))), "psf must not be empty; got shape (0, 1)."),
            ((DATA, np.zeros((3, 3))), "psf must not be all zeros; got shape (3, 3)."),
            ((DATA, PSF * np.nan), "psf must be finite; got 9 values that are not."),
            ((DATA, None), "psf must be a numeric array; got"),
            (
                (np.ones((3, 3)), C),
                "data must have shape (2, 2); got (3, 3). No input of [Convolution 2×2, stride 2, valid",
            ),
            ((np.ones(4), C), "data must have shape (2, 2); got (4,)."),
            ((np.ones((1, 2, 2)), C), "data must have shape (2, 2); got (1, 2, 2)."),
        ]
        for arguments, message in rows:
            yield (lambda m=method, a=arguments: m(*a)), f"{name}: {message}"
        yield (
            (lambda m=method: m(DATA, PSF, boundary="wrap")),
            f"{name}: boundary must be one of taper, liu-jia, unknown, {KNOWN}; got 'wrap'. Check",
        )
        yield (lambda m=method: m(DATA, PSF, boundary=2)), f"{name}: boundary must be one of"
        yield (
            (lambda m=method: m(np.ones((2, 2)), C, boundary="zero")),
            f"{name}: boundary must be None beside an operator; got 'zero'. An operator has its own",
        )


CASES = [
    *each_method(),
    # Convolution
    (
        lambda: Convolution(np.ones((2, 2)), (4,)),
        "Convolution: kernel must have 1 dimensions, as input_shape; got 2.",
    ),
    (lambda: Convolution([], (4,)), "Convolution: kernel must not be empty"),
    (lambda: Convolution([0.0, 0.0], (4,)), "Convolution: kernel must not be all zeros; got shape (2,)."),
    (lambda: Convolution([1, np.inf], (4,)), "Convolution: kernel must be finite; got 1 values"),
    (lambda: Convolution(2.0, (4,)), "Convolution: kernel must have at least one axis; got a scalar."),
    (lambda: Convolution(["x"], (4,)), "Convolution: kernel must be a numeric array"),
    (lambda: Convolution([1.0], ()), "Convolution: input_shape must have at least one axis; got ()."),
    (lambda: Convolution([1.0], (0,)), "Convolution: input_shape must be an integer >= 1; got 0."),
    (lambda: Convolution([1.0], (4.0,)), "Convolution: input_shape must be an integer >= 1; got 4.0."),
    (lambda: Convolution([1.0], (4,), stride=0), "Convolution: stride must be an integer >= 1; got 0."),
    (lambda: Convolution([1.0], (4,), stride=1.5), "Convolution: stride must be an integer >= 1; got 1.5."),
    (
        lambda: Convolution([1.0], (4,), stride=(1, 2)),
        "Convolution: stride must have one entry per axis (1); got 2 entries.",
    ),
    (lambda: Convolution([1.0], (4,), dilation=-1), "Convolution: dilation must be an integer >= 1; got -1."),
    (
        lambda: Convolution([1.0], (4,), padding="half"),
        "Convolution: padding must be one of valid, same, full; got 'half'.",
    ),
    (
        lambda: Convolution([1.0], (4,), padding=3),
        "Convolution: padding must be a word or (before, after) pairs; got 3.",
    ),
    (
        lambda: Convolution([1.0], (4,), padding=(1, 2, 3)),
        "Convolution: padding must hold 1 (before, after) pairs; got (1, 2, 3).",
    ),
    (
        lambda: Convolution([[1.0]], (4, 4), padding=((1, 2),)),
        "Convolution: padding must hold 2 (before, after) pairs",
    ),
    (
        lambda: Convolution([1.0], (4,), padding=((1, 2, 3),)),
        "Convolution: padding must hold 1 (before, after) pairs",
    ),
    (
        lambda: Convolution([1.0], (4,), padding=(0, -1)),
        "Convolution: padding must be an integer >= 0; got -1.",
    ),
    (
        lambda: Convolution([1.0], (4,), boundary="mirror"),
        f"Convolution: boundary must be one of {KNOWN}; got 'mirror'.",
    ),
    (
        lambda: Convolution([1.0], (4,), boundary=("zero", "zero")),
        "Convolution: boundary must have one word per axis (1); got 2.",
    ),
    (lambda: Convolution([1.0], (4,), correlate=1), "Convolution: correlate must be True or False; got 1."),
    (
        lambda: Convolution([1.0, 2.0], (4,), origin=2),
        "Convolution: origin must lie inside the kernel (2,); got (2,).",
    ),
    (lambda: Convolution([1.0], (4,), origin=-1), "Convolution: origin must be an integer >= 0; got -1."),
    (
        lambda: Convolution(np.ones(5), (4,), padding="valid"),
        "Convolution: kernel must fit into the padded input; got a kernel of 5 samples on 4 along axis 0.",
    ),
    (
        lambda: Convolution(np.ones((1, 3)), (9, 6), dilation=3, padding="valid"),
        'got a kernel of 7 samples on 6 along axis 1. Crop the kernel, or use padding="same".',
    ),
    (
        lambda: Convolution.from_psf(PSF, (5, 5), boundary="taper"),
        f"Convolution.from_psf: boundary must be one of {KNOWN}, unknown",
    ),
    (
        lambda: Convolution.from_psf(PSF, (5,), boundary="unknown"),
        "Convolution.from_psf: psf must have 1 dimensions; got 2.",
    ),
    (
        lambda: Convolution.from_psf(0 * PSF, (5, 5), boundary="unknown"),
        "Convolution.from_psf: psf must not be all zeros",
    ),
    (lambda: Convolution.from_psf(PSF, (5,)), "kernel must have 1 dimensions"),
    (
        lambda: Convolution.from_psf(PSF, (0, 5)),
        "Convolution.from_psf: shape must be an integer >= 1; got 0.",
    ),
    (
        lambda: Convolution.from_otf(np.fft.rfft2(DATA), (8, 7)),
        "Convolution.from_otf: otf must have shape (8, 7); got (8, 4). Give the full plane",
    ),
    (lambda: Convolution.from_otf(np.zeros(4), (4,)), "Convolution.from_otf: otf must not be all zeros"),
    # other operators
    (
        lambda: C(np.ones((4, 5))),
        "Convolution 2×2, stride 2, valid: input must have shape (4, 4); got (4, 5). Build the operator",
    ),
    (lambda: C(np.ones((3, 4, 4))), "got (3, 4, 4). A batch is an operator of its own: Batched(C, (B,))."),
    (lambda: C.H(np.ones(4)), "(Convolution 2×2, stride 2, valid)ᴴ: input must have shape (2, 2); got (4,)."),
    (lambda: C.matvec(np.ones(15)), "matvec: x must have shape (16,) or (16, 1); got (15,)."),
    (lambda: C @ C, "A @ B: B must have output_shape (4, 4); got (2, 2)."),
    (lambda: C + Identity((4, 4)), "A + B: B must map (4, 4) to (2, 2); got (4, 4) → (4, 4)."),
    (Stacked, "Stacked: operators must hold at least one operator; got none."),
    (
        lambda: Stacked(C, Identity((3,))),
        "Stacked: operators must share one input_shape; got [(3,), (4, 4)].",
    ),
    (lambda: Batched(C, ()), "Batched: batch_shape must have at least one axis"),
    (lambda: Batched(C, (0,)), "Batched: batch_shape must be an integer >= 1; got 0."),
    (lambda: Identity((2, -1)), "Identity: shape must be an integer >= 1; got -1."),
    (lambda: Differences(()), "Differences: shape must have at least one axis"),
    (
        lambda: Differences((3, 4), axes=(0, 2)),
        "Differences: axes must name axes of x, each once; got (0, 2).",
    ),
    (
        lambda: Differences((3, 4), axes=(1, 1)),
        "Differences: axes must name axes of x, each once; got (1, 1).",
    ),
    (lambda: Differences((3, 4), axes=()), "Differences: axes must name axes of x, each once; got ()."),
    (lambda: Differences((3, 4), axes=(-1,)), "Differences: axes must be an integer >= 0; got -1."),
    (
        lambda: Differences((3, 4), axes=(1,), boundary=("neumann", "periodic")),
        "Differences: boundary must have one word per axis (1); got 2.",
    ),
    (
        lambda: Differences((3,), boundary="zero"),
        "Differences: boundary must be one of neumann, periodic; got 'zero'.",
    ),
    (
        lambda: Extension((3,), ((1, 1),), ("mirror",)),
        f"Extension: boundaries must be one of {KNOWN}; got 'mirror'.",
    ),
    # decompositions
    (lambda: decompose(C, Identity((3,))), "decompose: L must have input_shape (4, 4); got (3,)."),
    (
        lambda: decompose(C).project_null(np.ones((2, 2))),
        "project_null: x must have shape (4, 4); got (2, 2).",
    ),
    # selection
    (lambda: selection.gcv(np.ones((3, 3)), C), "gcv: data must have shape (2, 2); got (3, 3)."),
    (lambda: selection.gcv([[np.nan, 1], [1, 1]], C), "gcv: data must be finite; got 1 values"),
    (
        lambda: selection.gcv(np.ones((2, 2)), C, regularizer="curl"),
        "gcv: regularizer must be one of gradient, identity, laplacian, wavelet; got 'curl'.",
    ),
    (lambda: selection.upre(np.ones((2, 2)), np.eye(4)), "upre: operator must be a LinearOperator; got nda"),
    (
        lambda: selection.gcv(np.ones((48, 48)), BIG, inside=(slice(1, -1),) * 2),
        "gcv: inside must be None without a decomposition; got (slice",
    ),
    *(
        (
            lambda rule=rule: getattr(selection, rule)(np.ones((48, 48)), BIG),
            f"{rule}: operator must have a decomposition; got Convolution 4×3, same",
        )
        for rule in ("l_curve", "ncp", "quasi_optimality", "lepskii")
    ),
    *(
        (
            lambda rule=rule: getattr(selection, rule)(np.ones((2, 2)), C, noise_std=-1),
            f"{rule}: noise_std must be a finite number >= 0; got -1.",
        )
        for rule in ("upre", "discrepancy", "lepskii")
    ),
    (
        lambda: selection.weighted_gcv(np.ones((2, 2)), C, weight=0),
        "weighted_gcv: weight must be a finite number > 0; got 0.",
    ),
    (
        lambda: selection.discrepancy(np.ones((2, 2)), C, tau=-1),
        "discrepancy: tau must be a finite number > 0; got -1.",
    ),
    (
        lambda: selection.lepskii(np.ones((2, 2)), C, kappa=0.0),
        "lepskii: kappa must be a finite number > 0; got 0.0.",
    ),
    (
        lambda: tikhonov(np.ones((48, 48)), BIG, lam="ncp"),
        "tikhonov: blur must have a decomposition for ncp; got Convolution 4×3",
    ),
    # each method's own options
    (
        lambda: pseudo_inverse(DATA, PSF, rtol=-1),
        "pseudo_inverse: rtol must be a finite number >= 0; got -1.",
    ),
    (
        lambda: truncated_svd(DATA, PSF, rtol=-0.1),
        "truncated_svd: rtol must be a finite number >= 0; got -0.1.",
    ),
    (
        lambda: truncated_svd(DATA, PSF, rtol="l_curve"),
        "truncated_svd: rtol must be one of gcv, weighted_gcv, upre, discrepancy, ncp, lepskii; got",
    ),
    (
        lambda: truncated_svd(np.ones((48, 48)), BIG),
        "truncated_svd: blur must have a decomposition; got Convolution 4×3",
    ),
    (
        lambda: tikhonov(DATA, PSF, lam=-1.0),
        "tikhonov: lam must be a finite number >= 0; got -1.0. Pass a number >= 0, or a rule such as 'gcv'.",
    ),
    (lambda: tikhonov(DATA, PSF, lam=np.nan), "tikhonov: lam must be a finite number >= 0; got nan."),
    (lambda: tikhonov(DATA, PSF, lam=None), "tikhonov: lam must be a finite number >= 0; got None."),
    (
        lambda: tikhonov(DATA, PSF, lam="GCV"),
        "tikhonov: lam must be one of auto, gcv, weighted_gcv",
    ),
    (
        lambda: tikhonov(DATA, PSF, regularizer="tv"),
        "tikhonov: regularizer must be one of gradient, identity, laplacian, wavelet; got 'tv'.",
    ),
    (
        lambda: tikhonov(DATA, PSF, regularizer=None),
        "tikhonov: regularizer must be one of gradient, identity, laplacian, wavelet; got None.",
    ),
    (
        lambda: tikhonov(DATA, PSF, regularizer=Identity((8, 7))),
        "tikhonov: regularizer must have input_shape",
    ),
    (lambda: tikhonov(DATA, PSF, lam=1, rtol=0), "tikhonov: rtol must be a finite number > 0; got 0."),
    (lambda: tikhonov(DATA, PSF, lam=1, max_iter=0), "tikhonov: max_iter must be an integer >= 1; got 0."),
    (
        lambda: tikhonov(np.ones((48, 48)), BIG, lam=0),
        "tikhonov: blur must have a decomposition for lam=0; got Convolution 4×3",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal=-1),
        "wiener: noise_to_signal must be a finite number >= 0; got -1. Pass a number >= 0, an array",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal="best"),
        "wiener: noise_to_signal must be one of auto; got 'best'.",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal=np.ones((3, 3))),
        "wiener: noise_to_signal must hold one value per frequency, shape",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal=np.ones((8, 7)), boundary="symmetric"),
        "hold one value per frequency, shape (8, 7); got shape (8, 7) with boundary 'symmetric'.",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal=-np.ones((8, 7)), boundary="periodic"),
        "wiener: noise_to_signal must be real and >= 0",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal=1j * np.ones((8, 7)), boundary="periodic"),
        "wiener: noise_to_signal must be real and >= 0",
    ),
    (
        lambda: wiener(DATA, PSF, noise_to_signal=spoiled(np.nan), boundary="periodic"),
        "wiener: noise_to_signal must be finite",
    ),
    (lambda: landweber(DATA, PSF, n_iter=0), "landweber: n_iter must be an integer >= 1; got 0."),
    (lambda: landweber(DATA, PSF, n_iter=2.5), "landweber: n_iter must be an integer >= 1; got 2.5."),
    (lambda: landweber(DATA, PSF, step=0), "landweber: step must be a finite number > 0; got 0."),
    (
        lambda: landweber(DATA, PSF, step=2.0),
        "landweber: step must be less than 2/σ₁² = 2; got 2.0. Leave it out for 1/σ₁².",
    ),
    (lambda: richardson_lucy(DATA * 1j, PSF), "richardson_lucy: data must be real; got complex128."),
    (
        lambda: richardson_lucy(np.array([[1.0, -1.0], [2.0, -2.0]]), np.ones((1, 1))),
        "richardson_lucy: data must not have a negative or canceling sum; got 0.",
    ),
    (lambda: richardson_lucy(-DATA, PSF), "richardson_lucy: data must not have a negative or canceling sum"),
    (
        lambda: richardson_lucy(DATA, 0 * Identity(DATA.shape)),
        "richardson_lucy: blur must not be the zero operator",
    ),
    (lambda: wiener(DATA, 0 * Identity(DATA.shape)), "wiener: blur must not be the zero operator"),
    (lambda: landweber(DATA, 0 * Identity(DATA.shape)), "landweber: blur must not be the zero operator"),
    (lambda: wiener(DATA, PSF * 1e150), "wiener: psf must peak between"),
    (lambda: wiener(DATA, PSF, noise_to_signal=10**400), "wiener: noise_to_signal must be a finite number"),
    (lambda: decompose(3), "decompose: C must be a LinearOperator; got int"),
    (lambda: check_operator(3), "check_operator: op must be a LinearOperator; got int"),
    (lambda: Convolution([1.0], (4,), boundary=None), "Convolution: boundary must be one of zero"),
    (lambda: Convolution([1.0], 4.0), "Convolution: input_shape must be a tuple of integers; got 4.0"),
    (lambda: tikhonov(DATA, PSF, callback=3), "tikhonov: callback must be callable; got 3"),
    (
        lambda: richardson_lucy(DATA, PSF * np.exp(1e-3j)),
        "richardson_lucy: kernel must not be negative; got complex values.",
    ),
    (
        lambda: richardson_lucy(DATA, np.array([[-0.1, 0.6, 0.5]])),
        "richardson_lucy: kernel must not be negative; got values down to -0.1.",
    ),
    (
        lambda: richardson_lucy(np.ones((2, 2)), C),
        "richardson_lucy: kernel must not be negative; got values down to -2.",
    ),
    (
        lambda: richardson_lucy(np.ones((4, 4)), -1 * Identity((4, 4))),
        "richardson_lucy: blur must be real and not negative",
    ),
    (
        lambda: richardson_lucy(np.ones((4, 4)), 1j * Identity((4, 4))),
        "richardson_lucy: blur must be real and not negative",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, max_iter=0),
        "richardson_lucy: max_iter must be an integer >= 1; got 0.",
    ),
    (
        lambda: richardson_lucy(DATA, PSF, stop="soon"),
        "richardson_lucy: stop must be one of least-risk, discrepancy, flatness; got 'soon'.",
    ),
]


@pytest.mark.filterwarnings("ignore::invdeconv.InputWarning")
@pytest.mark.parametrize(("call", "message"), CASES, ids=[f"{i} {m[:50]}" for i, (_, m) in enumerate(CASES)])
def test_message(call, message):
    with pytest.raises(InvalidInputError, match=re.escape(message)) as caught:
        call()
    assert re.match(r"^.+: .+ must .+; got .+\. .+\.?$", str(caught.value), re.DOTALL)


def test_errors_come_before_any_computation():
    """The check of lam must not wait for a decomposition of large data."""
    with (
        mock.patch("invdeconv.operators.decompose", side_effect=AssertionError),
        pytest.raises(InvalidInputError),
    ):
        tikhonov(DATA, PSF, lam=-1)
    with pytest.raises(InvalidInputError, match="boundary must be None"):
        wiener(np.ones((48, 48)), BIG, boundary="zero")


WARNINGS = [
    (
        lambda: wiener(DATA, 2 * PSF, noise_to_signal=0.1),
        "IDW001 wiener: the PSF sums to 2, not 1. Divide it by its sum",
    ),
    (lambda: adjoint(DATA, 1j * PSF), "IDW001 adjoint: the PSF sums to "),
    (
        lambda: adjoint(DATA, np.ones((9, 1)) / 9),
        r"IDW002 adjoint: the PSF \(9, 1\) is larger than the data \(8, 7\). Crop it",
    ),
    (
        lambda: tikhonov(DATA, np.eye(7)[:, :1], lam=0.1),
        r"IDW003 tikhonov: the PSF's center of mass is -3\.0 samples from its origin 3 along axis 0",
    ),
    (
        lambda: tikhonov(DATA, np.eye(6)[:1, ::-1], lam=0.1),
        r"IDW003 tikhonov: the PSF's center of mass is \+2\.0 samples from its origin 3 along axis 1",
    ),
    (
        lambda: tikhonov(exactly_blurred(), periodic()),
        r"IDW004 tikhonov: gcv chose lam = .*, EDGE\. The data may hold no noise",
    ),
    (
        lambda: richardson_lucy(DATA - 3, PSF),
        r"IDW005 richardson_lucy: negative data weigh .*% of the total\. Add the background back",
    ),
    (
        lambda: richardson_lucy((DATA - 3) / 1000, PSF),
        r"IDW005 richardson_lucy: negative data weigh",
    ),
]


def periodic():
    return Convolution(PSF, (8, 7), boundary="periodic")


def exactly_blurred():
    return periodic()(DATA)


@pytest.mark.parametrize(("call", "match"), WARNINGS, ids=[m[:30] for _, m in WARNINGS])
def test_warnings(call, match):
    with pytest.warns(InputWarning, match=match) as caught:
        call()
    ours = [w for w in caught if re.match(match[:6], str(w.message))]
    assert len(ours) == 1
    assert ours[0].filename == __file__  # it points at the user's line


def test_nothing_warns_on_good_input():
    rng = np.random.default_rng(0)
    data = periodic()(DATA) + 0.1 * rng.standard_normal(DATA.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for method in METHODS:
            method(data, PSF)
        # One pixel off its origin is legal for an even size; a few values below zero are noise.
        adjoint(DATA, np.full((2, 2), 0.25))
        lightly = DATA.copy()
        lightly[0, 0] = -1e-3
        richardson_lucy(lightly, PSF)
