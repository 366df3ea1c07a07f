"""Examples of a modem: the numbers they print against those of the reference."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [name])
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out


def numbers(line):
    return [float(x) for x in re.findall(r"[-+]?\d+\.\d+(?:e[-+]\d+)?", line)]


@pytest.mark.parametrize(
    ("channel", "ebn0_db", "published"),
    [("B", 8, (None, None, 5.150e-3)), ("C", 12, (None, 2.272e-2, 1.534e-3))],
)
def test_three_detectors_side_by_side(channel, ebn0_db, published):
    """Simulations of others lie in the intervals; theory is on the side it promises."""
    example = runpy.run_path(str(EXAMPLES / "linear_feedback_sequence.py"))
    found = example["compared"](example["CHANNELS"][channel], ebn0_db, min_events=100)
    for rate, (_, measured) in zip(published, found.values(), strict=True):
        assert rate is None or measured.low < rate < measured.high
    exact, measured = found["linear"]
    assert measured.low < exact < measured.high
    genie, measured = found["feedback"]
    assert measured.low > 2 * genie
    bound, measured = found["sequence"]
    assert measured.low < bound


def test_the_tables_of_the_reference(capsys, monkeypatch):
    """The first tables, without a simulation."""
    example = runpy.run_path(str(EXAMPLES / "linear_feedback_sequence.py"))
    monkeypatch.setitem(example["main"].__globals__, "compared", lambda channel, decibel: {})
    monkeypatch.setattr(sys, "argv", ["linear_feedback_sequence"])
    example["main"]()
    rows = [numbers(line) for line in capsys.readouterr().out.splitlines() if re.match(r" +[BC] ", line)]
    assert rows[:4] == [
        [0.335947, 2.96, 0.166545, 6.99],
        [0.179245, 6.61, 0.029530, 15.17],
        [0.502604, -0.05, 0.249744, 4.78],
        [0.295972, 3.76, 0.062329, 11.77],
    ]
    assert rows[4:6] == [[1.757, 7.358], [5.007, 12.223]]
    assert rows[6] == [0.277038, 5.36387e-2]
    assert rows[11] == [0.245295, 3.95937e-2]
    assert len(rows) == 12


def test_from_preamble_to_bits(capsys, monkeypatch):
    lines = run("from_preamble_to_bits", capsys, monkeypatch).splitlines()
    estimated, true = numbers(next(line for line in lines if line.startswith("noise")))
    assert estimated == pytest.approx(true, rel=0.05)
    promised, measured, white = numbers(next(line for line in lines if line.startswith("channel")))
    # 60 sums of four errors each spread 7 %.
    assert measured == pytest.approx(promised, rel=0.2)
    assert promised > white
    linear, feedback, sequence = (numbers(line) for line in lines[-3:])
    for estimated, known in (linear, feedback, sequence):
        assert estimated > known
    assert linear[1] > 2 * feedback[1] > 4 * sequence[1]


def test_what_the_living_room_costs(capsys, monkeypatch):
    lines = run("modem_in_a_living_room", capsys, monkeypatch).splitlines()
    rows = {
        name: numbers(next(line for line in lines if line.startswith(name)))
        for name in ("zero forcing ", "MMSE ", "zero forcing,", "MMSE,", "one symbol", "feedback without")
    }
    designed = {name: row[0] for name, row in rows.items()}
    assert designed["zero forcing "] < designed["MMSE "] < designed["MMSE,"]
    assert designed["MMSE,"] < designed["feedback without"] < designed["one symbol"]
    for name in ("zero forcing ", "MMSE ", "zero forcing,", "MMSE,"):
        assert rows[name][1] == pytest.approx(rows[name][0], abs=0.5)
    # Sixteen points at 20 dB per bit: 26.02 dB per symbol through a channel of energy 1.
    assert designed["one symbol"] == 26.02
