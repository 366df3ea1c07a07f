"""A trained transposed convolution is a Wiener filter, not Cᵀ."""

from __future__ import annotations

import numpy as np

from invdeconv.report._learned import learned_against_wiener


def test_training_makes_a_wiener_filter_of_the_layer():
    """Figures of an independent script: blurred 27.3 dB, Cᵀ 25.5, learned 29.7, Wiener 29.8."""
    learned = learned_against_wiener()
    assert learned.tested_on == "camera"
    assert len(learned.trained_on) == 5
    expected = {"data": 27.3, "adjoint": 25.5, "learned": 29.7, "wiener": 29.8}
    for name, value in expected.items():
        assert abs(learned.psnr[name] - value) < 0.25, (name, learned.psnr)
    # It sharpens where Cᵀ blurs: gain 1 at frequency zero, above 1 where the blur's is below.
    response, blur = (np.abs(np.fft.fft2(k, (64, 64)))[0] for k in (learned.kernel, learned.psf))
    assert abs(response[0] - 1) < 0.01
    assert response[8] > 1.3
    assert blur[8] < 0.8
