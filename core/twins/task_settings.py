"""What a pair of twins and a study of many are both made from: a task, and how long it is trained."""

from dataclasses import dataclass, field, fields
from typing import Any

from ..checks import choice, number, whole
from ..data.tasks import TASKS, Task, varied_contrast

MOST_EPOCHS = 400


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """A task and its training; an InputError where a setting is outside its range."""

    task: str = "digits"  # a name in `core.data.tasks.TASKS`, or that of `own`
    n_epochs: int = 20  # 0 to 400
    learning_rate: float = 3e-3  # above 0, at most 1
    varied_contrast: bool = False  # whether the training pictures are brightened and dimmed at random
    batch_norm: bool = False
    own: Task | None = field(default=None, compare=False, repr=False)  # the visitor's

    def __post_init__(self) -> None:
        choice("task", self.task, [self.own.name] if self.own else TASKS)
        whole("n_epochs", self.n_epochs, 0, MOST_EPOCHS)
        number("learning_rate", self.learning_rate, 0, 1, above=True)

    @property
    def the_task(self) -> Task:
        """The task, with its training pictures varied in contrast where asked."""
        task = self.own or TASKS[self.task]
        return varied_contrast(task) if self.varied_contrast else task

    def record(self) -> dict[str, Any]:
        """The settings as JSON can hold them; as keywords they give them back, with `own` beside it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "own"}
