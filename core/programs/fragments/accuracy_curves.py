# %% The chart
rows = [(epoch, arm, share) for arm, curve in curves.items() for epoch, share in enumerate(curve, 1)]
colours = alt.Scale(domain=list(twins), range=["#00785A", "#E07A00"])
chart = (
    alt.Chart(pd.DataFrame(rows, columns=["epoch", "arm", "accuracy"]))
    .mark_line(strokeWidth=3)
    .encode(
        x="epoch:Q",
        y=alt.Y("accuracy:Q", title="share of the test pictures that is right", scale=alt.Scale(zero=False)),
        color=alt.Color("arm:N", scale=colours, title=None),
        strokeDash=alt.StrokeDash("arm:N", title=None),
    )
    .properties(width=560, height=340)
)
