"""The front door by Streamlit's own tester: what it says first, what it works out only when asked, where it leads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.claims.article import article_points
from core.claims.claim import recorded_points
from core.claims.popular_exact import SLOPED, popular_answers
from core.claims.popular_trained import DIM
from core.errors import InputError
from pages.parts.overview import ACTS, MARKS
from tests.pages.test_pages import opened

ROOT = Path(__file__).parents[2]
LINKS = {(one.page, *one.link.items()): one for one in (*popular_answers(), *article_points()) if one.link}
FIRST_SCREEN = """
import sys
from streamlit.testing.v1 import AppTest
from pages.parts.overview import ACTS
test = AppTest.from_file("dashboard.py", default_timeout=60).run()
for act in ACTS[1:]:
    assert not test.exception
    test.button_group(key="act").set_value(act).run()
assert "25.1 dB" in "".join(element.value for element in test.markdown)
print(sorted({"sklearn", "scipy", "joblib", "altair", "pandas"} & set(sys.modules)))
"""


def words(test: AppTest) -> str:
    return "\n".join(element.value for element in test.markdown)


def test_all_three_acts_import_nothing_heavy():
    found = subprocess.run(
        [sys.executable, "-c", FIRST_SCREEN], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout.strip() == "[]"


def test_formula_comes_first_then_what_the_map_shows_then_three_questions():
    test = opened("overview")
    shown = [element.value for element in test.markdown]
    assert "boldsymbol{{}+ b}" in shown[1]
    assert "stopped by b = −0.06" in shown[2]
    labels = [link.proto.label for link in test.get("page_link")]
    assert labels[:3] == ["**What does it do?**", "**Do I need it?**", "**Is bias=False safe in my network?**"]


def test_dim_light_spoils_the_denoiser_and_dimming_its_biases_along_mends_it():
    at = {"light": "0.03"}
    assert "gives **7.5 dB**, its twin without biases **24.6**, no denoising 20.0" in words(
        opened("overview", act=ACTS[1], **at)
    )
    mended = opened("overview", act=ACTS[2], **at)
    assert "gives **25.1 dB**, its twin without biases **24.6**" in words(mended)
    assert "gives **7.5 dB**" in words(mended.toggle(key="along").set_value(False).run())


@pytest.mark.few(3)
@pytest.mark.parametrize("light", ["1e-9", "1000000", "0", "-1", "nan", "dark"])
def test_any_light_in_a_link_ends_in_pictures(light: str):
    test = opened("overview", act=ACTS[1], light=light)
    assert not test.exception
    assert not test.warning
    assert "no denoising 20.0" in words(test)


def test_articles_points_stand_open_each_with_verdict_and_link_as_they_are_worked_out():
    assert recorded_points() == article_points()
    test = opened("overview")
    for point in article_points():
        assert f"{MARKS[point.verdict]} **“{point.claim}”**" in words(test)
        assert point.finding in words(test)


def test_popular_answers_are_worked_out_when_asked_for_and_can_be_told_apart_by_verdict():
    test = opened("overview")
    assert not any(one.finding in words(test) for one in popular_answers())
    before = len(test.get("page_link"))
    test.toggle(key="answers").set_value(True).run()
    assert not test.exception
    for one in popular_answers():
        assert f"{MARKS[one.verdict]} **“{one.claim}”** &ensp; :small[:gray[{one.heard}]]" in words(test)
        assert one.finding in words(test)
    assert len(test.get("page_link")) == before + len(popular_answers())
    test.button_group(key="verdict").set_value("false").run()
    shown = [one for one in popular_answers() if one.finding in words(test)]
    assert {one.verdict for one in shown} == {"false"}
    assert len(test.get("page_link")) == before + len(shown)


def test_link_can_open_the_popular_answers():
    assert popular_answers()[0].finding in words(opened("overview", answers="true"))


def test_missing_record_is_one_sentence(monkeypatch: pytest.MonkeyPatch):
    def fails():
        raise InputError("`name` must be a study whose file can be read, got 'digits'", hint="Make it again.")

    monkeypatch.setattr("core.claims.popular_exact.popular_answers", fails)
    test = opened("overview", answers="true")
    assert not test.exception
    (warning,) = test.warning
    assert "must be a study whose file can be read" in warning.value


def test_links_lead_to_the_numbers_that_the_findings_are_told_at():
    told = {"slope": SLOPED.slope, "intercept": SLOPED.intercept, "light": DIM}
    linked = [one.link for one in popular_answers() if {"slope", "light"} & set(one.link)]
    assert len(linked) == 3
    assert all(float(value) == told[name] for link in linked for name, value in link.items() if name != "act")


@pytest.mark.few(8)
@pytest.mark.parametrize("one", LINKS.values(), ids=lambda one: f"{one.page} {one.link}")
def test_link_of_a_claim_is_one_that_its_page_keeps(one):
    """A page takes a bad value, or its default, out of the link."""
    test = opened(one.page, **one.link)
    assert not test.exception
    kept = {name: values[0] if isinstance(values, list) else values for name, values in test.query_params.items()}
    assert one.link.items() <= kept.items()
    for name in one.link:  # of a parameter that the page does not have, nobody would take it out
        assert name in test.session_state or f"memory of {one.page}.{name}" in test.session_state
