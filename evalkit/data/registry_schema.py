"""The edge of the registry: one YAML file is checked by pydantic and becomes a frozen `Dataset`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evalkit.data.codes import REGISTRY_REFUSED
from evalkit.data.registry import Dataset, FileSpec
from evalkit.errors import DataError, Problem
from evalkit.model.indicator import Break
from evalkit.model.texts import LocalText

Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Texts(_Strict):
    fr: Text
    en: Text

    def frozen(self) -> LocalText:
        """Return the two texts as the model holds them."""
        return LocalText(self.fr, self.en)


class _File(_Strict):
    role: Text
    name: Text
    kind: Literal["csv", "xls", "geojson", "topojson"]
    columns: list[Text]
    help: _Texts
    key: str = ""
    key_pattern: str = ""
    key_example: str = ""
    sheet: str = ""
    header_row: int = 1
    data_row: int = 2

    def frozen(self) -> FileSpec:
        """Return the file as the rest of the house knows it."""
        return FileSpec(
            self.role,
            self.name,
            self.kind,
            tuple(self.columns),
            self.help.frozen(),
            self.key,
            self.key_pattern,
            self.key_example,
            self.sheet,
            self.header_row,
            self.data_row,
        )


class _Break(_Strict):
    period: Text
    reason: _Texts
    source: Text | None = None


class _Dataset(_Strict):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: _Texts
    producer: Text
    publisher_label: _Texts
    licence: Text
    attribution: Text
    landing_page: Annotated[str, Field(pattern=r"^https://")]
    geography: Text
    disclosure: Literal[
        "insee_tax", "insee_business", "insee_census", "cnaf", "dares", "depp", "sdes", "dgfip_dvf", "none"
    ]
    priority: int
    files: list[_File] = Field(default_factory=list)
    breaks: list[_Break] = Field(default_factory=list)
    caveats: list[_Texts] = Field(default_factory=list)
    synthetic: bool = False
    adapter: Annotated[str, Field(pattern=r"^[a-z0-9_.]+:[a-z_0-9]+$")] | None = None
    vintage: Text | None = None
    reference_lists: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = Field(default_factory=list)
    refused: _Texts | None = None

    @model_validator(mode="after")
    def _imported_or_refused(self) -> _Dataset:
        if (self.adapter is None) == (self.refused is None):
            raise ValueError("a data set has an adapter, or a reason why it is refused")
        return self

    def frozen(self) -> Dataset:
        """Return the data set as the rest of the house knows it."""
        texts = {name: getattr(self, name).frozen() for name in ("title", "publisher_label")}
        plain = {
            name: getattr(self, name)
            for name in (
                "id", "producer", "licence", "attribution", "landing_page", "geography", "disclosure", "priority",
                "synthetic", "vintage",
            )
        }  # fmt: skip
        return Dataset(
            **texts,
            **plain,
            files=tuple(item.frozen() for item in self.files),
            breaks=tuple(Break(b.period, b.reason.frozen(), b.source) for b in self.breaks),
            caveats=tuple(text.frozen() for text in self.caveats),
            adapter=self.adapter or "",
            reference_lists=tuple((level, geography) for level, geography in self.reference_lists),
            refused=LocalText() if self.refused is None else self.refused.frozen(),
        )


def load_dataset(path: Path) -> Dataset:
    """Return the data set that a registry file describes; refused with every problem of the file when it is not one."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        found = _Dataset.model_validate(raw).frozen()
    except ValidationError as error:
        raise DataError(
            Problem(REGISTRY_REFUSED, {"reason": item["msg"]}, path.name, path="$." + ".".join(map(str, item["loc"])))
            for item in error.errors()
        ) from error
    if found.id != path.stem:
        raise DataError.of(REGISTRY_REFUSED, file=path.name, path="$.id", reason=f"{found.id} is not the file name")
    return found
