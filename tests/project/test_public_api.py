"""The public names: all there, all loaded on demand, and the stub says the same."""

import ast
import pickle
from pathlib import Path

import pytest

import invdeconv

STUB = Path(invdeconv.__file__).with_suffix(".pyi")


@pytest.mark.parametrize("name", invdeconv.__all__)
def test_every_name_resolves(name):
    value = getattr(invdeconv, name)
    assert value is getattr(invdeconv, name)
    documented = value.__doc__
    assert documented, f"{name} has no docstring"


def test_stub_names_are_the_public_names():
    exported = []
    for node in ast.parse(STUB.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            assert all(alias.asname == alias.name for alias in node.names), (
                "only `x as x` exports from a stub"
            )
            exported += [alias.name for alias in node.names]
    assert sorted(exported) == sorted(invdeconv.__all__)
    assert len(set(invdeconv.__all__)) == len(invdeconv.__all__)


@pytest.mark.parametrize("name", invdeconv.__all__)
def test_stub_names_the_home_of_each_name(name):
    homes = {
        alias.name: node.module
        for node in ast.parse(STUB.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    home = invdeconv._HOME.get(name)
    assert homes[name] == (f"invdeconv.{home}" if home else "invdeconv")


def test_dir_lists_all_names():
    assert set(invdeconv.__all__) | {"__version__"} <= set(dir(invdeconv))


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="'invdeconv' has no attribute 'deconvolve'"):
        _ = invdeconv.deconvolve
    assert not hasattr(invdeconv, "inverse")


def test_star_import_binds_all_names():
    space = {}
    exec("from invdeconv import *", space)
    assert set(invdeconv.__all__) <= space.keys()


def test_version_is_a_string():
    assert invdeconv.__version__[0].isdigit()


def test_public_functions_pickle_by_name():
    assert pickle.loads(pickle.dumps(invdeconv.tikhonov)) is invdeconv.tikhonov
