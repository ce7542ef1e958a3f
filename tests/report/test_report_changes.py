"""The part of a report that says what changed since an earlier run."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any

import pytest
import report_samples as samples
from change_samples import REVISED, SINCE
from page_lints import lint_page
from test_report_page import HOSTILE, Outline

from evalkit.report import Changes, ReportRenderer, canonical_hash
from evalkit.text import msg


def rendered(renderer: ReportRenderer, changes: Changes | None, lang: str = "fr", **more: Any) -> str:
    notebook = samples.full_notebook(lang=lang, **more)
    return renderer.render(notebook, samples.report_context(lang=lang, changes=changes)).html


def section(page: str) -> str:
    return page.split('<section aria-labelledby="changes">')[1].split("</section>")[0]


def test_it_stands_between_the_key_messages_and_the_first_figure(renderer: ReportRenderer) -> None:
    page = rendered(renderer, SINCE)
    places = [page.index(text) for text in ('id="keys"', 'id="changes"', '<figure id="indicators"')]
    assert places == sorted(places)
    assert "Ce qui a changé depuis l’exécution lr-2025-03 du 1er\u00a0mars 2025</h2>" in section(page)
    assert "<p>57 constats comparés\u00a0: 53, 4.</p>" in section(page)


def test_each_change_shows_numbers_verdicts_and_the_reason(renderer: ReportRenderer) -> None:
    judged, revised, withheld, gone = re.findall(r"<li>.*?</li>", section(rendered(renderer, SINCE)), re.DOTALL)
    assert '<a href="#finding-C1.1">Évolution de la pauvreté</a> <span class="quiet">· 2012-2015</span>' in judged
    then = '<span aria-hidden="true">→</span><span class="sr-only">et maintenant</span>'
    assert f"−1,9\u00a0pt {then} <b>+0,4\u00a0pt</b>" in judged
    assert re.search(rf"▲</span> atteint</span> {re.escape(then)} <span.*◆</span> on ne peut conclure", judged)
    assert "Les données et la méthode ont changé." in judged
    assert f"57,8\u00a0% {then} <b>59,2\u00a0%</b>" in revised
    assert "Révisé\u00a0: les données ont changé." in revised
    assert "La valeur n’est pas publiable aujourd’hui (secret statistique)." in withheld
    assert "<p>Part des diplômés" in gone
    assert "<a " not in gone


def test_the_contents_lead_there(renderer: ReportRenderer) -> None:
    texts = [samples.text(f"## Partie {number}") for number in range(3)]
    page = renderer.render(samples.notebook(*texts), samples.report_context(changes=replace(SINCE, shown=()))).html
    nav = page.split('<nav class="contents"')[1].split("</nav>")[0]
    assert nav.count('<a href="#changes">Ce qui a changé depuis l’exécution lr-2025-03') == 1
    outline = Outline(page)
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


def test_a_calm_sentence_is_all_when_nothing_changed(renderer: ReportRenderer) -> None:
    same = msg("Neither report holds a finding.")
    part = section(rendered(renderer, Changes("a", datetime.date(2025, 3, 2), same)))
    assert "<ol" not in part
    assert "Aucun des deux rapports ne contient de constat." in part


def test_what_is_not_shown_is_counted(renderer: ReportRenderer) -> None:
    assert "autre" not in section(rendered(renderer, SINCE))
    assert "12 autres changements ne sont pas montrés ici" in section(rendered(renderer, replace(SINCE, more=12)))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_passes_the_lints_and_is_the_same_twice(renderer: ReportRenderer, lang: str) -> None:
    page = rendered(renderer, SINCE, lang)
    assert lint_page(page) == []
    assert canonical_hash(page) == canonical_hash(rendered(renderer, SINCE, lang))


def test_a_report_that_is_compared_with_nothing_has_no_such_part(renderer: ReportRenderer) -> None:
    page = rendered(renderer, None)
    assert "changes" not in Outline(page).ids
    assert "#changes" not in Outline(page).links


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_text(renderer: ReportRenderer, name: str) -> None:
    odd = replace(REVISED, label=name, where=(name,))
    outline = Outline(rendered(renderer, replace(SINCE, run=name, shown=(odd,))))
    assert not {"script", "img"} & set(outline.tags)
    assert not {attribute for attribute in outline.attributes if attribute.startswith("on")}
