"""A run's settings: model, data and sizes, prompt, training, adapters, scoring, seed.

A profile is a TOML file. Three come with the package, in this folder: `qwen3`, `smollm2` and `tiny`. A file of your
own may start from one of them with `extends = "qwen3"` and set only what differs. Everything is checked on reading;
a wrong field, type or value is a `ProfileError` that names the file, the field and what is allowed.
"""

from sentiment.profiles.fields import (
    AdapterSettings,
    DataSettings,
    LabelSettings,
    ModelSettings,
    Profile,
    PromptSettings,
    RenderingSettings,
    ScoringSettings,
    StudySettings,
    TrainingSettings,
)
from sentiment.profiles.reading import builtin_profiles, load_profile
from sentiment.profiles.values import Precision

__all__ = [
    "AdapterSettings",
    "DataSettings",
    "LabelSettings",
    "ModelSettings",
    "Precision",
    "Profile",
    "PromptSettings",
    "RenderingSettings",
    "ScoringSettings",
    "StudySettings",
    "TrainingSettings",
    "builtin_profiles",
    "load_profile",
]
