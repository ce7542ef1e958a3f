"""The two-page note in Word and OpenDocument: what it says, how it is built, that it opens and is the same each time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import docx
import export_samples as runs
import odfdo
import pytest
import report_samples as samples
from docx.oxml.ns import qn
from PIL import Image

from evalkit.model.figure import Figure
from evalkit.report import ReportRenderer
from evalkit.report.exports import Asked, export_run
from evalkit.report.exports.choice import choose
from evalkit.report.exports.docx import docx_bytes
from evalkit.report.exports.note import MOST_KEYS, Note, build_note
from evalkit.report.exports.odt import odt_bytes
from evalkit.report.exports.recorded import read_recorded
from evalkit.report.payloads import read_notebook
from evalkit.runs import RunFolder

CODE = "QP034005"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, renderer: ReportRenderer) -> RunFolder:
    return runs.make_run(tmp_path_factory.mktemp("notes"), renderer)


def exported(run: RunFolder, format, folder: Path, *, code: str = CODE, lang: str = "fr") -> Path:
    return export_run(run, format, folder / f"note.{format}", Asked((code,), languages=(lang,))).out


def note_of(run: RunFolder, *cells, **context) -> Note:
    """The note on a hand-made report beside the run."""
    choice = choose(run, Asked((CODE,)))
    return build_note(
        choice, [read_notebook(samples.notebook(*cells, context=samples.context_payload(**context)), "fr")]
    )


def finding(**changes):
    return samples.cell("ev.record(x)", samples.display("finding", samples.finding_payload(**changes)))


def texts(path: Path) -> list[str]:
    """Every paragraph of the body, those of tables too."""
    if path.suffix == ".docx":
        body = docx.Document(str(path)).element.body
        return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]
    body = odfdo.Document(path).body
    return [element.text_recursive for element in body.xpath("descendant::text:p | descendant::text:h")]


@pytest.mark.parametrize("format", ["docx", "odt"])
class TestNote:
    def test_it_says_what_the_report_says(self, run, tmp_path, format):
        said = "\n".join(texts(exported(run, format, tmp_path)))
        for text in (
            "Mosson (QP034005)",
            "Petite évaluation, 2015-2023",
            "La pauvreté baisse de 1,9 point de plus qu’ailleurs.",
            "niveau de preuve 2 sur 5",
            "Intervalle à 95 % : de −5,2 à +1,4 point.",
            "La concentration de la pauvreté diminue-t-elle ?",
            "Fixée le 12 janvier 2026",
            "◆ on ne peut conclure",
            "Ce rapport décrit un lieu, non un groupe de personnes",
            "Les ménages qui vivent là en 2015 ne sont pas ceux de 2012.",
            "Insee-DGFiP-Cnaf-Cnav-CCMSA, Revenus et pauvreté des QPV, 2012, 2020, Licence Ouverte 2.0.",
            "Établi d’après les rapports de l’exécution essai, terminée le 1er\u00a0mars 2026",
        ):
            assert text in said

    def test_two_templates_do_not_say_a_thing_twice(self, run, tmp_path, format):
        said = "\n".join(texts(exported(run, format, tmp_path)))
        assert said.count("La pauvreté baisse de 1,9 point") == 1
        assert said.count("Ce rapport décrit un lieu") == 1

    def test_english(self, run, tmp_path, format):
        said = "\n".join(texts(exported(run, format, tmp_path, lang="en")))
        assert "What was asked and answered" in said
        assert "evidence 2 out of 5" in said

    def test_a_hostile_name_is_a_text(self, run, tmp_path, format):
        path = exported(run, format, tmp_path, code="2A004")
        assert f"{samples.FORMULA_NAME} (2A004)" in texts(path)

    def test_equal_runs_give_equal_bytes_and_every_part_is_well_formed(self, run, tmp_path, format):
        first, second = (exported(run, format, tmp_path / name).read_bytes() for name in ("a", "b"))
        assert first == second
        for name, content in runs.unpacked(first).items():
            if name.endswith((".xml", ".rels", ".rdf")):
                ElementTree.fromstring(content)  # noqa: S314 # our own file


class TestWord:
    def test_properties_language_and_styles(self, run, tmp_path):
        document = docx.Document(str(exported(run, "docx", tmp_path)))
        properties = document.core_properties
        assert (properties.title, properties.author, properties.language) == (
            "Mosson (QP034005)",
            "Observatoire des quartiers",
            "fr-FR",
        )
        assert properties.created.isoformat() == runs.FINISHED
        language = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
        assert language.get(qn("w:val")) == "fr-FR"
        headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
        assert headings == [
            "Ce qu’il faut retenir",
            "Ce qui était demandé, et la réponse",
            "Ce que cette note ne montre pas",
            "Sources",
        ]

    def test_the_table_has_a_head_and_the_picture_a_text(self, run, tmp_path):
        document = docx.Document(str(exported(run, "docx", tmp_path)))
        [table] = document.tables
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        [shape] = document.inline_shapes
        assert shape._inline.docPr.get("descr").startswith("Courbe du taux de pauvreté de 2012 à 2021")
        assert shape.width < document.sections[0].page_width

    def test_the_foot_has_the_run_and_the_page(self, run, tmp_path):
        footer = docx.Document(str(exported(run, "docx", tmp_path))).sections[0].footer.paragraphs[0]
        assert "QP034005" in footer.text
        assert "essai" in footer.text
        assert [f.get(qn("w:instr")) for f in footer._p.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]


class TestOpenDocument:
    def test_properties_language_headings_head_and_picture(self, run, tmp_path):
        path = exported(run, "odt", tmp_path)
        document = odfdo.Document(path)
        assert (document.meta.title, document.meta.language) == ("Mosson (QP034005)", "fr-FR")
        assert [h.get_attribute("text:outline-level") for h in document.body.headers] == ["1", "2", "1", "1", "1"]
        assert len(document.body.xpath("//table:table-header-rows//table:table-cell")) == 3
        [description] = document.body.xpath("//draw:frame/svg:desc")
        assert description.text_recursive.startswith("Courbe du taux de pauvreté")
        files = runs.unpacked(path.read_bytes())
        assert b'fo:language="fr"' in files["styles.xml"]
        assert b"<text:page-number" in files["styles.xml"]

    def test_it_is_packed_as_the_format_asks(self, run, tmp_path):
        content = exported(run, "odt", tmp_path).read_bytes()
        assert content[30:38] == b"mimetype"
        files = runs.unpacked(content)
        listed = set(re.findall(r'full-path="([^"]+)"', files["META-INF/manifest.xml"].decode()))
        assert listed - {"/"} == set(files) - {"mimetype", "META-INF/manifest.xml"}

    def test_every_style_that_is_used_is_defined(self, run, tmp_path):
        files = runs.unpacked(exported(run, "odt", tmp_path).read_bytes())
        used = set(re.findall(r'(?:text|table|draw):style-name="([^"]+)"', files["content.xml"].decode()))
        assert used <= set(re.findall(r'style:name="([^"]+)"', (files["styles.xml"] + files["content.xml"]).decode()))


class TestWhatIsSaid:
    def test_judged_findings_come_first_and_five_are_enough(self, run):
        level = samples.display("finding", samples.observation_payload())
        many = [finding(criterion=None, verdict=None, indicator=f"i{n}", sentence=f"Constat {n}.") for n in range(6)]
        note = note_of(run, samples.cell("x", level), *many, finding())
        assert len(note.keys) == MOST_KEYS
        assert note.keys[0].doubt.startswith("◆ on ne peut conclure")
        assert note.more == "Les rapports contiennent 3 autres constats."

    def test_a_criterion_without_judgement_is_said(self, run):
        note = note_of(run, samples.cell("x", samples.display("finding", samples.observation_payload())))
        assert [(a.judgement, a.css) for a in note.answers] == [("non jugé dans ces rapports", "none")]

    def test_what_was_asked_and_answered_is_said_once_for_two_templates(self, run, tmp_path):
        asked = [samples.recommendation_payload(), samples.unanswered_payload()]
        summary = samples.summary_payload(recommendations=asked)
        made = samples.notebook(finding(), context=samples.context_payload(), summary=summary)
        note = build_note(choose(run, Asked((CODE,))), [read_notebook(made, "fr")] * 2)
        assert [text.replace("\u00a0", " ") for text in note.recommendations] == [
            (
                "Suivre les ménages qui quittent le quartier. Destinataire : la métropole de Montpellier – ◐ acceptée en partie : "
                "les fichiers ne permettent pas de suivre tous les ménages – une enquête auprès des bailleurs – échéance le 30 juin 2027 – "
                "action en cours."
            ),
            "Suivre les ménages qui quittent le quartier. Destinataire : la métropole de Montpellier – ○ sans réponse à ce jour.",
        ]
        for name, content in (("note.docx", docx_bytes(note)), ("note.odt", odt_bytes(note))):
            path = tmp_path / name
            path.write_bytes(content)
            said = texts(path)
            assert said.index("Recommandations") < said.index("Ce que cette note ne montre pas")
            assert all(said.count(text) == 1 for text in note.recommendations)

    def test_two_judgements_of_a_criterion_are_both_said(self, run):
        note = note_of(run, finding(), finding(verdict="met", breakdown="sex=female"))
        assert note.answers[0].judgement == "◆ on ne peut conclure ; ▲ atteint"

    def test_fictitious_data_are_called_so(self, run):
        assert note_of(run, finding(), synthetic=True).caution.startswith("Données fictives")
        assert note_of(run, finding()).caution == ""

    def test_the_figure_is_that_of_what_was_judged(self, run):
        other = samples.chart_payload("trend-other", indicators=["ho_vac"], title="Autre")
        wanted = samples.chart_payload()
        cells = [samples.cell("f", samples.display("figure", payload)) for payload in (other, wanted)]
        picture = note_of(run, finding(), *cells).picture
        assert picture is not None
        assert picture.title == wanted["title"]
        assert Image.open(io.BytesIO(picture.bitmap.content)).size == (2000, 916)

    def test_a_picture_that_cannot_be_drawn_is_passed_over(self, run):
        strange = samples.chart_payload(svg='<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><mask/></svg>')
        assert note_of(run, finding(), samples.cell("f", samples.display("figure", strange))).picture is None


def test_the_reports_of_a_run_are_read_in_the_order_of_the_plan(run):
    choice = choose(run, Asked())
    assert [r.template for r in choice.by_territory()["fr", CODE]] == list(runs.TEMPLATES)
    recorded = read_recorded(run, choice.records[0])
    assert any(isinstance(item, Figure) for item in recorded.items)
