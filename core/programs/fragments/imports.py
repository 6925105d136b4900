import math
from collections.abc import Callable

import altair as alt
import numpy as np
import pandas as pd
