"""The switch that dims the biases too, turned on every page that has it: what it changes is what core says."""

import re
from html import unescape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.studies.experiments import denoiser_light, dimmed_digits
from core.studies.recorded import recorded_results, recorded_twins
from core.twins.one_picture import trace
from core.twins.report import report
from core.twins.switched_off import switch_off
from core.twins.training import TwinSettings, train_twins, twins_from
from tests.pages.test_jobs import wait_for
from tests.pages.test_pages import opened

K = 0.1


def gallery_words(test: AppTest) -> list[str]:
    """The words below every small picture, in the order of the page."""
    said = " ".join(entry.proto.body for entry in test.get("html"))
    return [unescape(words) for words in re.findall(r"<figcaption[^>]*>([^<]*)</figcaption>", said)]


def said(test: AppTest) -> str:
    return " ".join(entry.value for entry in test.markdown).replace("\\", "")


def spoken(test: AppTest) -> list[str]:
    return [chart.proto.alt for chart in test.get("vega_lite_chart")]


def test_on_twins_the_watched_pictures_have_their_answers_back_and_the_other_way() -> None:
    settings = TwinSettings(task="digits", n_epochs=4)
    *_, end = train_twins(settings)
    pair = report(settings, twins_from(end["twins"]))
    test = opened("twins", task=settings.the_task.title, epochs="4", k=str(K))
    next(button for button in test.button if button.label == "Train both twins").click().run()
    wait_for(lambda: any(toggle.key == "dimmed" for toggle in test.run().toggle))
    test.run()  # at rest: the run in which the training ended holds what was drawn while it went on, too
    n = len(pair.watched)
    stay, along = (pair.words_in_light(K, dimmed=dimmed) for dimmed in (False, True))
    assert stay != along
    assert gallery_words(test)[:n] == stay
    for turned, words in ((True, along), (False, stay)):
        test.toggle(key="dimmed").set_value(turned).run()
        assert not test.exception
        assert gallery_words(test)[:n] == words


def test_inside_the_answer_and_the_steps_of_its_logit_follow_the_switch() -> None:
    pair = report(TwinSettings(), recorded_twins())
    picture = pair.images[0] * np.float32(K)
    test, steps = opened("inside", k=str(K)), set()
    for turned in (False, True, False):
        test.toggle(key="dimmed").set_value(turned).run()
        assert not test.exception
        found = trace(switch_off(pair), picture, light=K if turned else 1.0)
        assert found.sentence in said(test)
        steps.add(found.share_sentence(found.answer))
        assert found.share_sentence(found.answer) in said(test)
    assert len(steps) == 2


@pytest.mark.parametrize("link", [{}, {"dimmed": "true"}])
def test_denoisers_curve_comes_and_goes_with_its_sentence(link: dict[str, str]) -> None:
    results = recorded_results("dimmer_light")
    sentences = {False: denoiser_light.verdict(results), True: denoiser_light.dimmed_sentence(results)}
    test = opened("when_bias_matters", **link)
    for turned in (bool(link), not link, bool(link)):
        test.toggle(key="dimmed").set_value(turned).run()
        assert not test.exception
        (alt,) = (words for words in spoken(test) if words.startswith("Peak signal"))
        assert ("dimmed along dotted" in alt) == turned
        assert sentences[turned] in said(test)
        assert sentences[not turned] not in said(test)


def test_curve_dimmed_along_stands_beside_contrast_alone_and_its_sentence_beside_digits() -> None:
    sentence = dimmed_digits.sentence(recorded_results("dimmed_digits"))
    for task, stress in (
        ("Handwritten digits", "Contrast"),
        ("Dim or bright copy", "Contrast"),
        ("Handwritten digits", "Noise"),
    ):
        test = opened("when_bias_matters", task=task, stress=stress)
        assert not test.exception
        (alt,) = (words for words in spoken(test) if "the level of a stress" in words)
        assert ("dimmed along dotted" in alt) == (stress == "Contrast")
        assert (sentence in said(test)) == ((task, stress) == ("Handwritten digits", "Contrast"))
