from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.answer_form import PLAINEST, AnswerForm, Field, FieldKind, agrees, document_of, faults_of, form_of
from scheduling.errors import BadInputError

FORM = AnswerForm(
    (
        Field("verdict", "Right place?", FieldKind.CHOICE, ("yes", "no")),
        Field("signs", "What is seen?", FieldKind.CHOICES, ("box", "label", "hand"), required=False),
        Field("count", "How many?", FieldKind.NUMBER, tolerance=1.0),
        Field("place", "Where?", FieldKind.POINT, tolerance=0.1, required=False),
        Field("remark", "Anything else?", FieldKind.TEXT, required=False),
    )
)
GOOD: dict[str, Any] = {"verdict": "yes", "count": 3}

names = st.text(min_size=1, max_size=20)
options = st.lists(names, min_size=2, max_size=5, unique=True).map(tuple)
tolerances = st.floats(0, 10)
fields = st.one_of(
    st.builds(Field, names, names, st.sampled_from((FieldKind.CHOICE, FieldKind.CHOICES)), options, st.booleans()),
    st.builds(Field, names, names, st.just(FieldKind.TEXT), st.just(()), st.booleans()),
    st.builds(Field, names, names, st.sampled_from((FieldKind.NUMBER, FieldKind.POINT)), st.just(()), st.booleans(), tolerances),
)
forms = st.lists(fields, min_size=1, max_size=5, unique_by=lambda one: one.name).map(lambda found: AnswerForm(tuple(found)))


@given(forms)
def test_a_form_comes_back_from_its_document(form: AnswerForm) -> None:
    assert form_of(json.loads(json.dumps(document_of(form)))) == form


def test_an_empty_document_is_the_plainest_form() -> None:
    assert form_of({}) == PLAINEST
    assert faults_of(PLAINEST, {"verdict": "misplaced"}) == ()


@pytest.mark.parametrize(
    ("document", "columns"),
    [
        ({"fields": []}, {"fields"}),
        ({"fields": "x"}, {"fields"}),
        ({"fields": ["x"]}, {"fields.0"}),
        ({"fields": [{"name": "a", "kind": "choice"}]}, {"fields.0.options"}),
        ({"fields": [{"name": "a", "kind": "choice", "options": ["x", "x"]}]}, {"fields.0.options"}),
        ({"fields": [{"name": "a", "kind": "text", "options": ["x", "y"]}]}, {"fields.0.options"}),
        ({"fields": [{"name": "", "kind": "colour"}]}, {"fields.0.name", "fields.0.label", "fields.0.kind"}),
        (
            {"fields": [{"name": "a", "kind": "number", "tolerance": -1, "required": 1}]},
            {"fields.0.tolerance", "fields.0.required"},
        ),
        ({"fields": [{"name": "a", "kind": "text"}, {"name": "a", "kind": "text"}]}, {"name"}),
        ({"fields": [{"name": f"a{n}", "kind": "text"} for n in range(31)]}, {"fields"}),
    ],
)
def test_a_wrong_document_is_refused_with_every_fault(document: dict[str, object], columns: set[str]) -> None:
    with pytest.raises(BadInputError) as error:
        form_of(document)
    assert {fault.column for fault in error.value.faults} == columns


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ({}, set()),
        ({"signs": ["box", "hand"], "place": {"x": 0, "y": 1}, "remark": "dark"}, set()),
        ({"signs": []}, set()),
        ({"remark": None}, set()),
        ({"verdict": None}, {"verdict"}),
        ({"verdict": "perhaps"}, {"verdict"}),
        ({"verdict": ["yes"]}, {"verdict"}),
        ({"signs": ["box", "box"]}, {"signs"}),
        ({"signs": "box"}, {"signs"}),
        ({"signs": [["box"]]}, {"signs"}),
        ({"count": True}, {"count"}),
        ({"count": "3"}, {"count"}),
        ({"count": math.nan}, {"count"}),
        ({"place": {"x": 0.5}}, {"place"}),
        ({"place": {"x": 0.5, "y": 1.5}}, {"place"}),
        ({"place": {"x": 0.5, "y": 0.5, "z": 0}}, {"place"}),
        ({"remark": "x" * 2001}, {"remark"}),
        ({"remark": ""}, {"remark"}),
        ({"colour": "red", "count": None}, {"colour", "count"}),
    ],
)
def test_an_answer_is_held_against_its_form(change: dict[str, Any], columns: set[str]) -> None:
    assert {fault.column for fault in faults_of(FORM, {**GOOD, **change})} == columns


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({"verdict": "no"}, {}, False),
        ({"count": 4}, {"count": 3}, True),
        ({"count": 4.5}, {"count": 3}, False),
        ({"signs": ["box", "hand"]}, {"signs": ["hand", "box"]}, True),
        ({"signs": ["box"]}, {"signs": ["hand"]}, False),
        ({"signs": ["box"]}, {}, False),
        ({"place": {"x": 0.5, "y": 0.5}}, {"place": {"x": 0.56, "y": 0.58}}, True),
        ({"place": {"x": 0.5, "y": 0.5}}, {"place": {"x": 0.58, "y": 0.58}}, False),
        ({"remark": "dark"}, {"remark": "bright"}, True),
        ({"verdict": "perhaps"}, {"verdict": "perhaps"}, True),
    ],
)
def test_answers_agree_within_the_tolerance_whatever_the_words(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert agrees(FORM, {**GOOD, **one}, {**GOOD, **other}) is same
    assert agrees(FORM, {**GOOD, **other}, {**GOOD, **one}) is same
