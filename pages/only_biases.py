"""What can biases do alone? All weights drawn at random and frozen, and nothing but the biases learns."""

import streamlit as st

from core.claims import only_biases as claims
from core.studies.experiments import five_tasks, only_biases, rounded_weights, ten_pictures
from core.studies.recorded import recorded_results
from pages.parts import only_biases as parts
from pages.shared import controls, draw, frame, question, take_away

frame.open_page(
    "only_biases",
    "“A bias is as crucial as a kernel”, an article begins. So draw all weights at random, freeze them, **and let "
    "nothing but the biases learn.**",
    needs=("sklearn.model_selection", "scipy.stats"),
)
question.ask(
    "Of a hundred new digits, how many does a network of 3,000 random units read when its biases alone learn?",
    ("about 10", "about 50", "about 90"),
    claims.width_answer,
)
units = parts.width()
take_away.program(units=units)
with controls.refusing(st):
    widths = recorded_results("only_biases")
    parts.learning(units, widths)
    draw.text(f"**{only_biases.ANSWER}** {only_biases.short_sentence(widths)}")

draw.text("### One frozen network, five tasks")
question.ask(
    "Exchange nothing but the biases: for how many tasks is that enough?",
    ("for the digits alone", "for some", "for all five"),
    claims.tasks_answer,
    part=" tasks",
)
with controls.refusing(st):
    tasks = five_tasks.task_rows(recorded_results("five_tasks"))
    st.fragment(parts.swapped)(tasks)

draw.text("### Ten labelled pictures in the dark")
question.ask(
    "A trained network meets a tenth of the light. With ten labelled pictures, what is best moved?",
    ("the biases alone", "all weights and biases", "it makes no difference"),
    claims.dark_answer,
    part=" dark",
)
with controls.refusing(st):
    ten = recorded_results("ten_pictures")
    for weather, column in zip(ten_pictures.WEATHER, st.columns(2), strict=True):
        with column:
            draw.text(f"**{ten_pictures.TITLES[weather]}**")
            rows = ten_pictures.adapted_rows(ten, weather)
            parts.intervals(rows, key=weather, states=(ten_pictures.IN_IT, ten_pictures.BACK))
    draw.text(ten_pictures.short_sentence(ten))

draw.text("### Rounded weights, mended by biases")
question.ask(
    "Round all weights to three bits. How much of the damage do shifted biases undo, without labels?",
    ("nothing", "a part", "most of it"),
    claims.rounding_answer,
    part=" rounding",
)
with controls.refusing(st):
    rounding = recorded_results("rounded_weights")
    parts.intervals(rounded_weights.rounded_rows(rounding), key="bits", states=parts.MENDING)
    draw.text(
        rounded_weights.short_sentence(rounding),
        "Each shift is a filter's mean error on 256 pictures: bias correction (Nagel et al. 2019). Integer toolchains "
        "keep biases in 32 bits.",
    )
    with st.expander("In detail"):
        draw.text(
            only_biases.sentence(widths),
            *(
                f"{ten_pictures.TITLES[weather]}. {ten_pictures.sentence(ten, weather)}"
                for weather in ten_pictures.WEATHER
            ),
            rounded_weights.sentence(rounding),
            *parts.CHOSEN,
        )
    take_away.tables(
        lambda: {
            "Widths": only_biases.width_curve(widths),
            "Small network": only_biases.small_network(widths),
            "Tasks": tasks,
            "Ten pictures": ten.summary,
            "Rounding": rounding.summary,
        }
    )
draw.text("**What to notice.** Which way out of the dark needs no label?")
frame.link("inside", "Next: what each single bias does in a trained network")
take_away.bar()
