"""Sequence classifiers as predictors: one label for a text, and no prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerBase

from sentiment.errors import ModelError, reason_of, shown
from sentiment.files import digest_of
from sentiment.models.classifier_folder import ClassifierFolder
from sentiment.models.device import free_memory, ran_out_of_memory
from sentiment.models.folders import load_tokenizer, load_whole
from sentiment.models.passes import Passes
from sentiment.types import Label, Prediction, Query

CLASSIFIER_VERSION = 1
"""Raised by hand when a change could alter an answer; stored predictions of other versions are not read."""
_UNLIMITED = 10**6
"""A tokenizer that was told no length says a huge one."""
_OFFSET_POSITIONS = (
    *("roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "roberta-prelayernorm", "data2vec-text", "ibert"),
    *("longformer", "mpnet", "xmod", "luke", "lilt", "esm"),
)
"""Model types that count positions from the padding's id on (transformers, `create_position_ids_from_input_ids`)."""
_PADDED_LEFT = ("xlnet",)
"""Model types that read their answer off the last place of a row."""


class ClassifierPredictor:
    """A sequence classifier in fp32. The label is what its best class means; shares are those of its classes of either
    label, summed, and `label_mass` is all of them together."""

    def __init__(
        self,
        name: str,
        folder: ClassifierFolder,
        device: torch.device,
        *,
        max_length: int | None = None,
        token_budget: int = 4096,
        note: Callable[[str], None] = print,
    ) -> None:
        free_memory()
        self.name, self.fingerprint = name, answers_fingerprint(folder, max_length)
        self.folder, self.tokenizer = folder, load_tokenizer(folder)
        model: Any = load_whole(AutoModelForSequenceClassification, folder)
        self.model = model.to(device).eval()
        if self.model.config.num_labels != len(folder.classes):
            raise ModelError(f"{folder.path}: {self.model.config.num_labels} outputs, {len(folder.classes)} classes")
        self.longest = _longest(self.model, self.tokenizer, max_length)
        self._passes = Passes(name, token_budget, device, note)
        self._sides = [torch.tensor([each is label for each in folder.meanings], device=device) for label in Label]
        self._pads = self._agree_on_padding()
        if self.model.config.model_type not in _PADDED_LEFT:
            self.tokenizer.padding_side = "right"  # positions that are counted from the left stay what they are alone

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order; each distinct text is asked once, in batches of like length.

        Raises `ModelError` when the logits are not finite.
        """
        texts = list(dict.fromkeys(query.text for query in queries))
        whole = [len(ids) for ids in self._encoded(texts, truncation=False)["input_ids"]]
        cut = [length > self.longest for length in whole]
        rows = self._encoded(texts, truncation=True, max_length=self.longest)
        lengths = [len(ids) for ids in rows["input_ids"]]

        def looks(batch: list[int]) -> list[torch.Tensor]:
            chosen = {name: [values[i] for i in batch] for name, values in rows.items()}
            with self._told(texts[batch[0]]):
                padded = self.tokenizer.pad(chosen) if self._pads else chosen
                inputs = {name: torch.tensor(values, device=self.model.device) for name, values in padded.items()}
                return list(self.model(**inputs).logits.double())

        found: dict[str, Prediction] = {}
        with torch.inference_mode():
            passes = lengths if self._pads else [self._passes.token_budget] * len(lengths)  # one row a pass
            for i, logits in self._passes.each(passes, looks):
                found[texts[i]] = self._prediction(logits, cut[i])
        return [found[query.text] for query in queries]

    def _prediction(self, logits: torch.Tensor, cut: bool) -> Prediction:
        if not bool(torch.isfinite(logits).all()):
            raise ModelError(f"{self.folder.path}: its logits are not finite; the weights are damaged")
        best = int(logits.argmax())
        shares = logits.softmax(dim=0)
        negative, positive = (float(shares[side].sum()) for side in self._sides)
        mass = negative + positive
        split = {Label.NEGATIVE: negative / mass, Label.POSITIVE: positive / mass} if mass else None
        return Prediction(self.folder.meanings[best], split, min(mass, 1.0), self.folder.classes[best], cut)

    def _encoded(self, texts: list[str], **how: Any) -> dict[str, list[list[int]]]:
        clean = [text.encode("utf-8", "replace").decode() for text in texts]  # no tokenizer encodes lone surrogates
        with self._told(texts[0] if texts else ""):
            return dict(self.tokenizer(clean, verbose=False, **how))

    @contextmanager
    def _told(self, text: str) -> Iterator[None]:
        """Whatever tokenizer and model raise, but for memory that ran out, as a `ModelError`: they check texts in ways
        of their own."""
        try:
            yield
        except Exception as error:
            if ran_out_of_memory(error):
                raise
            what = f"{type(error).__name__}: {reason_of(error)}"
            raise ModelError(f"{self.folder.path} cannot be asked about {shown(text)}, or its like: {what}") from None

    def _agree_on_padding(self) -> bool:
        """Whether rows can be padded: models that read the last token have to know what is padding."""
        if self.tokenizer.pad_token_id is None:
            return False
        if self.model.config.pad_token_id is None:
            self.model.config.pad_token_id = self.tokenizer.pad_token_id
        return bool(self.model.config.pad_token_id == self.tokenizer.pad_token_id)


def answers_fingerprint(folder: ClassifierFolder, max_length: int | None) -> str:
    """Changes whenever an answer could."""
    meanings = [None if label is None else label.word for label in folder.meanings]
    return digest_of(["classifier", CLASSIFIER_VERSION, folder.fingerprint, meanings, max_length])


def _longest(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, asked: int | None) -> int:
    """Tokens that a text may have. Raises `ModelError` where more are asked for than there are positions."""
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions is not None and model.config.model_type in _OFFSET_POSITIONS:
        positions -= (model.config.pad_token_id or 0) + 1
    if asked is not None:
        if positions is not None and asked > positions:
            raise ModelError(f"max_length is {asked}, and the model has {positions} positions")
        return asked
    told = tokenizer.model_max_length if tokenizer.model_max_length < _UNLIMITED else None
    return min(each for each in (told, positions, _UNLIMITED) if each is not None)
