"""Gray maps, decisions and log-likelihood ratios against their definitions."""

from __future__ import annotations

import array_api_strict as strict
import numpy as np
import pytest

from invdeconv.equalization import (
    Channel,
    Constellation,
    ErrorCount,
    bit_error_rate,
    bpsk_symbols,
    n0_from_ebn0_db,
)

ALL = {
    "2-PAM": Constellation.pam(2),
    "8-PAM": Constellation.pam(8, es=3.0),
    "2-PSK": Constellation.psk(2, phase=0.3),
    "8-PSK": Constellation.psk(8, es=0.5),
    "QPSK": Constellation.qam(4),
    "16-QAM": Constellation.qam(16),
    "64-QAM": Constellation.qam(64, es=2.0),
}
everyone = pytest.mark.parametrize("c", ALL.values(), ids=ALL.keys())


@everyone
def test_neighbors_differ_in_one_bit(c):
    distances = np.abs(c.points[:, None] - c.points)
    np.fill_diagonal(distances, np.inf)
    for i, row in enumerate(distances):
        for j in np.flatnonzero(row < row.min() * (1 + 1e-9)):
            assert int(i ^ j).bit_count() == 1


def test_energies_and_orders():
    for c, es in zip(ALL.values(), (1, 3, 1, 0.5, 1, 1, 2), strict=True):
        assert c.es == pytest.approx(es)
        assert np.unique(c.points.round(9)).size == c.order == 1 << c.bits_per_symbol
        assert abs(c.points.mean()) < 1e-12
    assert [c.is_real for c in ALL.values()] == [True, True, False, False, False, False, False]
    assert n0_from_ebn0_db(3, bits_per_symbol=4, es=ALL["16-QAM"].es) == pytest.approx(10**-0.3 / 4)


def test_bpsk_is_bpsk():
    bits = np.array([0, 1, 1, 0])
    np.testing.assert_array_equal(Constellation.pam(2, es=4).modulate(bits), bpsk_symbols(bits, es=4))


def test_qam_carries_two_pams():
    """The first half of the bits is the real part, the second the imaginary one."""
    pam, qam = Constellation.pam(4, es=0.5), Constellation.qam(16)
    for label, point in enumerate(qam.points):
        assert point == pytest.approx(pam.points[label >> 2] + 1j * pam.points[label & 3])


@everyone
def test_round_trip_in_batches(c, rng):
    bits = rng.integers(0, 2, (2, 3, 12 * c.bits_per_symbol)).astype(np.uint8)
    symbols = c.modulate(bits)
    assert symbols.shape == (2, 3, 12)
    least = np.min(np.abs(np.subtract.outer(c.points, c.points))[~np.eye(c.order, dtype=bool)])
    noisy = symbols + 0.49 * least * np.exp(2j * np.pi * rng.random(symbols.shape))
    np.testing.assert_array_equal(c.bits(noisy), bits)
    np.testing.assert_array_equal(c.decide(noisy), symbols)
    weights = 1 << np.arange(c.bits_per_symbol)[::-1]
    np.testing.assert_array_equal(c.labels(symbols), bits.reshape(2, 3, 12, -1) @ weights)


def test_sign_and_scale_of_the_ratio(rng):
    """BPSK: 4√Es Re(y)/N0 for complex noise N0 and for real noise N0/2 alike; positive means 0."""
    y, n0, es = rng.standard_normal(50) + 1j * rng.standard_normal(50), 0.7, 2.0
    c = Constellation.pam(2, es=es)
    for method in ("exact", "max-log"):
        np.testing.assert_allclose(c.llr(y, n0=n0, method=method), 4 * np.sqrt(es) * y.real / n0)
        np.testing.assert_allclose(c.llr(y.real, n0=n0, method=method), 4 * np.sqrt(es) * y.real / n0)
    assert Constellation.qam(4).llr([1 + 1j], n0=1).min() > 0


def test_the_ratio_is_a_posterior(rng):
    """Real noise of variance N0/2: among samples of ratio near l, bit 1 has odds e^−l."""
    c, n0, n = Constellation.pam(4), 0.4, 400_000
    bits = rng.integers(0, 2, 2 * n)
    y = Channel([1.0]).transmit(c.modulate(bits), n0=n0, rng=rng)
    llr = c.llr(y, n0=n0)
    assert not np.iscomplexobj(y)
    for column in (0, 1):
        ratios, sent = llr[column::2], bits[column::2]
        for low in (-1.5, -0.5, 0.5):
            inside = (ratios > low) & (ratios < low + 0.5)
            expected = np.mean(1 / (1 + np.exp(ratios[inside])))
            assert np.mean(sent[inside]) == pytest.approx(expected, abs=4 / np.sqrt(inside.sum()))


@everyone
def test_ratios_against_the_sum(c, rng):
    y, n0, b = rng.standard_normal(7) + 1j * rng.standard_normal(7), 0.3, c.bits_per_symbol
    exponents = -(np.abs(y[:, None] - c.points) ** 2) / n0
    for i in range(b):
        one = np.array([(label >> (b - 1 - i)) & 1 for label in range(c.order)], bool)
        exact = np.log(np.exp(exponents[:, ~one]).sum(1) / np.exp(exponents[:, one]).sum(1))
        np.testing.assert_allclose(c.llr(y, n0=n0).reshape(7, b)[:, i], exact, rtol=1e-10, atol=1e-12)
        nearest = exponents[:, ~one].max(1) - exponents[:, one].max(1)
        got = c.llr(y, n0=n0, method="max-log").reshape(7, b)[:, i]
        np.testing.assert_allclose(got, nearest, rtol=1e-10, atol=1e-12)


def test_far_samples_do_not_overflow():
    c = Constellation.qam(16)
    ratios = c.llr([100 + 100j], n0=1e-3)
    assert np.isfinite(ratios).all()
    np.testing.assert_allclose(ratios, c.llr([100 + 100j], n0=1e-3, method="max-log"))


def test_large_inputs_go_in_rows(monkeypatch, rng):
    c = Constellation.qam(64)
    y = rng.standard_normal((3, 50)) + 1j * rng.standard_normal((3, 50))
    whole = c.bits(y), c.llr(y, n0=0.1)
    monkeypatch.setattr("invdeconv.equalization._constellation._TABLE", 700)
    np.testing.assert_array_equal(c.bits(y), whole[0])
    np.testing.assert_array_equal(c.llr(y, n0=0.1), whole[1])


def test_precision_and_namespace_follow_the_data(rng):
    c = Constellation.qam(16)
    y = (rng.standard_normal((2, 9)) + 1j * rng.standard_normal((2, 9))).astype(np.complex64)
    assert c.decide(y).dtype == np.complex64
    assert c.llr(y, n0=0.2).dtype == np.float32
    there = strict.asarray(y)
    np.testing.assert_array_equal(np.asarray(c.bits(there)), c.bits(y))
    np.testing.assert_array_equal(np.asarray(c.decide(there)), c.decide(y))
    np.testing.assert_allclose(np.asarray(c.llr(there, n0=0.2)), c.llr(y, n0=0.2), rtol=1e-6)
    assert not c.points.flags.writeable


def test_errors_of_bursts_are_counted_row_by_row():
    bits = np.array([[0, 1, 1, 0], [1, 0, 0, 0]])
    decided = Constellation.qam(4).bits(-Constellation.qam(4).modulate(bits))
    assert bit_error_rate(decided, bits) == ErrorCount(8, 8)
    assert bit_error_rate(decided[:, :2], bits[:, :2]) == ErrorCount(4, 4)
    assert bit_error_rate(bits, bits).count == 0
