"""The program that proves an audit by numbers, against what the page says."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.audit import audit_checkpoint, audit_printout
from core.audit.printout.read import EXAMPLES, example_text
from core.audit.report import VERDICTS


def expected(audit):
    """What the page counts, in the order in which the program says it; every redundant bias is proved."""
    rows = audit.to_frame()
    counts = rows["verdict"].value_counts()
    redundant = int(counts.get("redundant", 0))
    return [
        int(rows["parameters"].notna().sum()),
        int(rows["parameters"].sum()),
        int(rows["bias_parameters"].sum()),
        redundant,
        int(rows.loc[rows["verdict"] == "redundant", "bias_parameters"].sum()),
        *(int(counts.get(verdict, 0)) for verdict in VERDICTS[1:]),
        redundant,
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_program_counts_as_the_page_does_and_proves_what_is_redundant(numbers, name):
    audit = audit_printout(example_text(name))
    assert numbers("audit", layers=audit.as_layers) == expected(audit)


def test_program_of_a_file_of_weights(numbers, tmp_path):
    arrays = {"conv.weight": np.ones((4, 3, 3, 3)), "conv.bias": np.ones(4), "fc.weight": np.ones((2, 4))}
    norm = {f"bn.{name}": np.ones(4) for name in ("weight", "bias", "running_mean", "running_var")}
    norm["bn.num_batches_tracked"] = np.ones(())
    save_file(
        {name: np.asarray(array, np.float32) for name, array in (arrays | norm).items()}, tmp_path / "m.safetensors"
    )
    audit = audit_checkpoint(tmp_path / "m.safetensors")
    assert audit.redundant == ("conv",)
    assert numbers("audit", layers=audit.as_layers) == expected(audit)


def test_what_is_not_told_is_none_and_stays_out_of_the_sums(numbers):
    attention = (
        "Net(\n  (attention): MultiheadAttention(\n    (out_proj): Linear(in_features=4, out_features=4)\n  )\n)"
    )
    audit = audit_printout(attention)
    assert ("attention", None, None, "cannot see", "") in audit.as_layers
    assert numbers("audit", layers=audit.as_layers) == expected(audit)


def test_a_bias_that_is_wrongly_called_redundant_is_not_proved(last_line):
    line = last_line("audit", layers=(("conv", 224, 8, "redundant", "layer_norm"),))
    assert line.endswith("of the redundant 0 leave nothing behind in random numbers")
