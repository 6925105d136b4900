"""Every page, run by Streamlit's own tester from the door: no exception, its heading, its tables, its links."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.frame import MENU, Entry

ROOT = Path(__file__).parents[2]


def opened(page: str, **link: str) -> AppTest:
    """The page as a visitor with this share link first sees it."""
    test = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=60)
    test.query_params.update(link)
    return test.run().switch_page(f"pages/{page}.py").run()


def charts(test: AppTest) -> int:
    return len(test.get("vega_lite_chart"))


@pytest.mark.parametrize("entry", MENU, ids=lambda entry: entry.name)
def test_page_opens_under_its_title_without_an_exception(entry: Entry) -> None:
    test = opened(entry.name)
    assert not test.exception
    assert test.title[0].value == entry.title


@pytest.mark.parametrize(
    ("page", "n_charts"),
    [
        ("threshold", 2),
        ("curves", 3),
        ("feature_maps", 1),
        ("regression", 3),
        ("norms", 3),
        ("when_bias_matters", 5),
        ("inside", 4),
        ("audit", 1),
    ],
)
def test_page_draws_its_charts_each_with_a_spoken_description(page: str, n_charts: int) -> None:
    test = opened(page)
    assert charts(test) == n_charts
    assert all(len(chart.proto.alt) > 40 for chart in test.get("vega_lite_chart"))


def test_articles_numbers_stand_on_the_regression_page() -> None:
    specs = [chart.proto for chart in opened("regression").get("vega_lite_chart")]
    shown = str(specs[0].datasets)
    for number in ("3.2001", "4.4679", "2.8840", "2.1289", "3.3006"):
        assert number in shown


@pytest.mark.release
def test_every_activation_runs_on_threshold_and_feature_maps() -> None:
    for page in ("threshold", "feature_maps"):
        test = opened(page)
        for name in test.selectbox(key="activation").options:
            assert not test.selectbox(key="activation").select(name).run().exception, (page, name)


@pytest.mark.release
def test_every_picture_and_kernel_runs() -> None:
    test = opened("feature_maps")
    for key in ("kernel", "picture"):
        box = test.selectbox(key=key)
        for name in box.options:
            test.selectbox(key=key).select(name).run()
            assert not test.exception, (key, name)
            assert charts(test) == (name != "Your own picture"), (key, name)


def test_bias_and_pixel_follow_the_picture_until_somebody_chooses_them() -> None:
    def shown(test: AppTest) -> tuple[float, int, int]:
        bias = test.session_state["memory of feature_maps.b"]["value"]
        return bias, test.number_input(key="row").value, test.number_input(key="column").value

    test = opened("feature_maps")
    assert shown(test) == (-0.06, 85, 129)
    test.selectbox(key="picture").select("flower").run()
    assert shown(test) == (-0.03, 89, 128)
    assert not test.query_params
    chosen = opened("feature_maps", b="0.2", row="20")
    assert shown(chosen) == (0.2, 20, 129)
    assert shown(chosen.selectbox(key="picture").select("flower").run())[:2] == (0.2, 20)


@pytest.mark.few(3)
@pytest.mark.parametrize("name", ["article", "diabetes", "hubble"])
@pytest.mark.parametrize("centred", [False, True])
def test_every_built_in_table_is_fitted(name: str, centred: bool) -> None:
    test = opened("regression")
    test.selectbox(key="data").set_value(name)
    test.toggle(key="centred").set_value(centred).run()
    assert not test.exception
    assert charts(test) == (3 if name == "article" and not centred else 2)


def test_settings_outside_their_rule_end_in_one_sentence() -> None:
    test = opened("regression")
    test.number_input(key="from").set_value(5.0)
    test.number_input(key="to").set_value(5.0).run()
    assert not test.exception
    (warning,) = test.warning
    assert warning.value.replace("\\", "").startswith("x to must exceed x from by at least 0.001, got 5.0 to 5.0.")


@pytest.mark.release
def test_every_curve_pair_of_classes_and_activation_is_drawn() -> None:
    test = opened("curves")
    for key in ("curve", "plane", "activation"):
        for name in test.selectbox(key=key).options:
            test.selectbox(key=key).select(name).run()
            assert not test.exception, (key, name)
            assert charts(test) == (0 if name == "Your own table" else 3), (key, name)
        test.selectbox(key=key).select_index(0).run()


@pytest.mark.release
def test_every_norm_and_grouping_runs() -> None:
    test = opened("norms")
    for key in ("norm", "groups", "attention"):
        for name in test.selectbox(key=key).options:
            test.selectbox(key=key).select(name).run()
            assert not test.exception, (key, name)
            assert charts(test) == 3


@pytest.mark.slow
def test_a_control_of_one_page_never_holds_the_value_of_anothers() -> None:
    """Two controls with one key share a value, also when they are of two kinds."""
    kinds: dict[str, set[str]] = {}
    for entry in MENU:
        test = opened(entry.name)
        for part in ("selectbox", "number_input", "toggle", "radio", "multiselect", "text_area"):
            for control in getattr(test, part):
                kinds.setdefault(control.key, set()).add(part)
    assert {key: found for key, found in kinds.items() if len(found) > 1} == {}
