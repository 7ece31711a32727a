"""SMPL's files in every form they are found in; nothing in them is run."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from sidecar.checkpoints.errors import ModelFileRefused
from sidecar.smpl.body_model import BodyModel, require_smpl
from sidecar.smpl.reading import read_body_model, read_regressor
from tests.restricted_pickle.attacks.test_code import Runs, touch
from tests.smpl.makers import Ch, Fields, MatVecMult, Select, make_fields, python2_bytes, write_smpl


def check(model: BodyModel, fields: Fields) -> None:
    vertices = len(fields["v_template"])
    np.testing.assert_allclose(model.template, fields["v_template"], rtol=1e-6)
    np.testing.assert_allclose(
        model.shape_directions.T.reshape(vertices, 3, 10), fields["shapedirs"][:, :, :10], rtol=1e-6
    )
    np.testing.assert_allclose(model.pose_directions.T.reshape(vertices, 3, -1), fields["posedirs"], rtol=1e-6)
    np.testing.assert_allclose(model.joint_regressor, fields["J_regressor"], rtol=1e-6)
    np.testing.assert_allclose(model.weights, fields["weights"], rtol=1e-6, atol=1e-30)
    assert model.parents.tolist() == [-1, *fields["kintree_table"][0, 1:].tolist()]
    np.testing.assert_array_equal(model.faces, fields["f"])


def refused(path: Path) -> ModelFileRefused:
    with pytest.raises(ModelFileRefused) as caught:
        read_body_model(path)
    assert str(path) in caught.value.message
    return caught.value


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_the_official_form_of_python_2_is_read(tmp_path: Path, protocol: int) -> None:
    fields = make_fields()
    data = write_smpl(tmp_path / "SMPL_NEUTRAL.pkl", fields, protocol=protocol).read_bytes()
    assert b"chumpy.ch\nCh" in data
    assert b"scipy.sparse.csc\ncsc_matrix" in data
    assert b"numpy.core.multiarray" in data
    check(read_body_model(tmp_path / "SMPL_NEUTRAL.pkl"), fields)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("kind", [sparse.csc_matrix, sparse.csr_matrix, sparse.csc_array, np.asarray])
def test_files_that_were_written_again_are_read(tmp_path: Path, protocol: int, kind: Any) -> None:
    fields = make_fields()
    content = {**fields, "J_regressor": kind(fields["J_regressor"])}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content, protocol=protocol))
    check(read_body_model(tmp_path / "a.pkl"), fields)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_of_numpy_are_read(tmp_path: Path, save: Any) -> None:
    fields = make_fields()
    save(tmp_path / "a.npz", **fields, gender="neutral")
    check(read_body_model(tmp_path / "a.npz"), fields)


def test_chosen_elements_of_a_chumpy_array_are_read(tmp_path: Path) -> None:
    fields = make_fields()
    wide = np.random.default_rng(1).normal(size=(60, 3, 300))
    indices = np.arange(wide.size).reshape(wide.shape)[:, :, :10].ravel()
    fields["shapedirs"] = wide[:, :, :10]
    for shape in ((60, 3, 10), np.array([60, 3, 10])):
        content = {**fields, "shapedirs": Select(Ch(wide), indices, shape)}
        (tmp_path / "a.pkl").write_bytes(python2_bytes(content))
        check(read_body_model(tmp_path / "a.pkl"), fields)


def test_more_shapes_than_the_networks_know_are_left_out(tmp_path: Path) -> None:
    fields = make_fields()
    fields["shapedirs"] = np.random.default_rng(1).normal(size=(60, 3, 300))
    check(read_body_model(write_smpl(tmp_path / "a.pkl", fields)), fields)


@pytest.mark.slow
def test_a_file_of_the_true_size_is_read(tmp_path: Path) -> None:
    fields = make_fields(vertices=6890, faces=13776)
    model = read_body_model(write_smpl(tmp_path / "a.pkl", fields))
    check(model, fields)
    require_smpl(model, source=tmp_path / "a.pkl")


def test_a_model_of_another_size_is_no_smpl(tmp_path: Path) -> None:
    model = read_body_model(write_smpl(tmp_path / "a.pkl", make_fields()))
    with pytest.raises(ModelFileRefused, match="60 vertices, 24 joints and 30 faces; SMPL has 6890"):
        require_smpl(model, source=tmp_path / "a.pkl")


@pytest.mark.parametrize("field", ["v_template", "shapedirs", "bystander"])
@pytest.mark.parametrize("protocol", [0, 2])
def test_code_is_not_run(tmp_path: Path, field: str, protocol: int) -> None:
    mark = tmp_path / "was-run"
    content = {**make_fields(), field: Runs(os.system, touch(mark))}
    (tmp_path / "a.pkl").write_bytes(python2_bytes(content, protocol=protocol))
    if field == "bystander":  # stays a name and its arguments
        read_body_model(tmp_path / "a.pkl")
    else:
        assert f"{field}: objects of" in refused(tmp_path / "a.pkl").message
    assert not mark.exists()


def lying_sparse(**changes: object) -> Any:
    matrix = sparse.csc_matrix(make_fields()["J_regressor"])
    for name, value in changes.items():
        setattr(matrix, name, value)
    return matrix


HUGE = np.array([10**15], np.int64)
LIES = {
    "a missing field": ({"weights": None}, "weights: it must be an array"),
    "a text": ({"v_template": "abc"}, "v_template: it must be an array"),
    "texts": ({"v_template": np.array([["a", "b", "c"]])}, "v_template: it must be an array"),
    "an expression": ({"v_template": MatVecMult(x=np.zeros(3))}, "objects of chumpy.ch_ops.MatVecMult are not read"),
    "a chumpy object of nothing": ({"v_template": Ch(None)}, "v_template: it must be"),
    "chumpy objects without end": ({"v_template": Ch(Ch(Ch(Ch(Ch(Ch(np.zeros((60, 3))))))))}, "v_template: it must be"),
    "a selection beyond its array": ({"v_template": Select(np.zeros(4), np.array([4]), (1,))}, "points beyond"),
    "a selection before its array": ({"v_template": Select(np.zeros(4), np.array([-1]), (1,))}, "points beyond"),
    "a selection of another shape": ({"v_template": Select(np.zeros(4), np.array([1]), (2,))}, "has another shape"),
    "a selection of a huge shape": (
        {"v_template": Select(np.zeros(4), np.array([1]), (1 << 62, 1 << 62))}, "has another shape",
    ),
    "a sparse matrix of huge sides": ({"J_regressor": lying_sparse(_shape=(1 << 40, 1 << 40))}, "at most"),
    "a sparse matrix of negative sides": ({"J_regressor": lying_sparse(_shape=(-24, -60))}, "two sides"),
    "indices beyond the sides": ({"J_regressor": lying_sparse(_shape=(20, 60))}, "do not fit"),
    "starts that go back": ({"J_regressor": lying_sparse(indptr=np.zeros(61, np.int32))}, "do not fit"),
    "too few values": ({"J_regressor": lying_sparse(data=np.zeros(3))}, "do not fit"),
    "values of another kind": ({"J_regressor": lying_sparse(indices=np.zeros(3))}, "do not fit"),
    "a short template": ({"v_template": np.zeros((60, 2))}, "v_template must hold numbers of shape (any, 3)"),
    "no vertices": ({"v_template": np.zeros((0, 3))}, "has 0 vertices"),
    "few shapes": ({"shapedirs": np.zeros((60, 3, 9))}, "at least 10 directions"),
    "pose directions of another body": ({"posedirs": np.zeros((60, 3, 459))}, "posedirs must hold"),
    "not a number": ({"weights": np.full((60, 24), np.nan)}, "weights must be finite"),
    "infinite": ({"posedirs": np.full((60, 3, 207), np.inf)}, "posedirs must be finite"),
    "faces beyond the vertices": ({"f": np.full((3, 3), 60)}, "vertices below 60"),
    "faces before the vertices": ({"f": np.full((3, 3), -1)}, "vertices below 60"),
    "faces of fractions": ({"f": np.zeros((3, 3))}, "vertices below 60"),
    "a child before its parent": ({"kintree_table": np.array([[0, 2, 0], [0, 1, 2]])}, "an earlier parent"),
    "its own parent": ({"kintree_table": np.array([[0, 1], [0, 1]])}, "an earlier parent"),
    "joints in another order": ({"kintree_table": np.array([[0, 0], [1, 0]])}, "an earlier parent"),
    "no joints": ({"kintree_table": np.zeros((2, 0), int)}, "whole numbers of shape (2, J)"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), LIES.values(), ids=LIES)
def test_a_file_that_lies_is_refused(tmp_path: Path, changes: Fields, says: str) -> None:
    (tmp_path / "a.pkl").write_bytes(python2_bytes({**make_fields(), **changes}))
    assert says in refused(tmp_path / "a.pkl").message


@pytest.mark.parametrize("content", [[], "SMPL", {}, {"shapedirs": np.zeros(3)}], ids=str)
def test_another_file_is_told_apart(tmp_path: Path, content: object) -> None:
    (tmp_path / "a.pkl").write_bytes(python2_bytes(content))
    assert refused(tmp_path / "a.pkl").reason == "mismatch"


@pytest.mark.parametrize("protocol", [0, 2])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, protocol: int) -> None:
    data = write_smpl(tmp_path / "whole.pkl", make_fields(vertices=12), protocol=protocol).read_bytes()
    chance = np.random.default_rng(1)
    for keep in [0, 1, 2, len(data) - 1, *chance.integers(len(data), size=30).tolist()]:
        (tmp_path / "cut.pkl").write_bytes(data[:keep])
        assert refused(tmp_path / "cut.pkl").reason in ("truncated", "damaged")


@pytest.mark.parametrize("protocol", [0, 2])
def test_flipped_bytes_are_refused_or_harmless(tmp_path: Path, protocol: int) -> None:
    data = write_smpl(tmp_path / "whole.pkl", make_fields(vertices=12), protocol=protocol).read_bytes()
    chance = np.random.default_rng(2)
    heads = np.flatnonzero(np.frombuffer(data, np.uint8) < 128)
    for at in chance.choice(heads, 150):
        spoilt = bytearray(data)
        spoilt[at] = chance.integers(256)
        (tmp_path / "flipped.pkl").write_bytes(spoilt)
        try:
            read_body_model(tmp_path / "flipped.pkl")
        except ModelFileRefused:
            continue


def test_objects_in_an_archive_are_refused(tmp_path: Path) -> None:
    mark = tmp_path / "was-run"
    evil = np.array([Runs(os.system, touch(mark))], object)
    np.savez(tmp_path / "a.npz", **{**make_fields(), "weights": evil})
    failure = refused(tmp_path / "a.npz")
    assert "weights cannot be read" in failure.message
    assert not mark.exists()


def test_an_archive_that_would_unpack_to_gigabytes_is_refused(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("posedirs.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(257):
            member.write(bytes(1 << 20))
    assert refused(tmp_path / "a.npz").reason == "too_large"


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + bytes(100)])
def test_a_damaged_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(data)
    assert refused(tmp_path / "a.npz").reason == "damaged"


@pytest.mark.parametrize("name", ["nowhere.pkl", "."])
def test_what_cannot_be_opened_is_told(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path / name).reason == "unreadable"


def test_the_second_regressor_is_read(tmp_path: Path) -> None:
    regressor = np.random.default_rng(1).random((19, 60))
    (tmp_path / "j.pkl").write_bytes(python2_bytes(regressor))
    np.testing.assert_allclose(read_regressor(tmp_path / "j.pkl", vertices=60), regressor, rtol=1e-6)
    for wrong in (regressor[:18], regressor * np.nan, {"a": regressor}, regressor.tolist()):
        (tmp_path / "j.pkl").write_bytes(python2_bytes(wrong))
        with pytest.raises(ModelFileRefused):
            read_regressor(tmp_path / "j.pkl", vertices=60)
