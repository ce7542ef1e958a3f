"""The note as a Word file: styles and not hand-made looks, heads of tables that repeat, a text alternative, a language."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from evalkit.report.exports.note import Answer, Note, NotePicture
from evalkit.report.exports.notewords import COLOURS, words
from evalkit.report.exports.opendocument import LOCALES, clean_text
from evalkit.report.exports.writing import same_bytes

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

_FONT = "Arial"
_INK, _QUIET, _MINE = "1A2029", "566070", "174A8B"
_GROUND = "E6EBF2"
_SIZES = {"Normal": 9.5, "Title": 17.0, "Subtitle": 10.5, "Heading 1": 12.0, "Heading 2": 10.0, "Caption": 8.5}
_SPACES = {
    "Normal": (0, 3),
    "Title": (0, 0),
    "Subtitle": (0, 4),
    "Heading 1": (8, 3),
    "Heading 2": (6, 2),
    "Caption": (0, 4),
}
_MARGIN, _WIDTH = 1.8, 12.0  # cm; of the page, of the picture: the note is to fit on two pages
_COLUMNS = (5.6, 8.0, 3.8)


def docx_bytes(note: Note) -> bytes:
    """Return the note as a `.docx` file; equal notes give equal bytes."""
    import docx

    document = docx.Document()
    _set_page(document, note)
    _set_styles(document, note.lang)
    _set_properties(document, note)
    said = words(note)
    document.add_paragraph(clean_text(note.title), style="Title")
    document.add_paragraph(clean_text(note.evaluation), style="Subtitle")
    if note.caution:
        _strong(document.add_paragraph(), note.caution, COLOURS["worse"])
    if note.facts:
        document.add_paragraph(clean_text(" · ".join(f"{label} {value}" for label, value in note.facts)))
    document.add_heading(said.keys, 1)
    for key in note.keys:
        _key(document, key.lead, key.rest, key.doubt)
    if note.more:
        document.add_paragraph(note.more)
    if note.picture:
        _picture(document, note.picture)
    if note.answers:
        document.add_heading(said.answers, 1)
        _answers(document, note.answers, said.heads, said.answers)
    _list(document, said.recommendations, note.recommendations)
    _list(document, said.limits, note.limits)
    _list(document, said.sources, note.sources)
    document.add_paragraph(clean_text(note.origin), style="Caption")
    content = io.BytesIO()
    document.save(content)
    return same_bytes(content.getvalue(), note.made)


def _set_page(document: Document, note: Note) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(_MARGIN)
    section.footer_distance = Cm(1)
    footer = section.footer.paragraphs[0]
    footer.style = document.styles["Caption"]
    footer.add_run(clean_text(f"{note.title} · {note.run} · "))
    _field(footer, "PAGE")
    footer.add_run(" / ")
    _field(footer, "NUMPAGES")


def _field(paragraph: Paragraph, instruction: str) -> None:
    """Add a field that the reader's program computes: the page, or how many there are."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run, shown = OxmlElement("w:r"), OxmlElement("w:t")
    shown.text = "1"
    run.append(shown)
    field.append(run)
    paragraph._p.append(field)


def _set_styles(document: Document, lang: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, size in _SIZES.items():
        style: ParagraphStyle = document.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            style.element.rPr.rFonts.set(qn(script), _FONT)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            style.element.rPr.rFonts.attrib.pop(qn(theme), None)
        colour = _MINE if name.startswith(("Title", "Heading")) else _QUIET if name in ("Subtitle", "Caption") else _INK
        style.font.color.rgb = RGBColor.from_string(colour)
        style.font.bold = name.startswith(("Title", "Heading"))
        style.font.italic = False
        before, after = _SPACES[name]
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.1
    for spread in document.styles["Subtitle"].element.rPr.findall(qn("w:spacing")):
        document.styles["Subtitle"].element.rPr.remove(spread)
    for border in document.styles["Title"].element.pPr.findall(qn("w:pBdr")):
        document.styles["Title"].element.pPr.remove(border)
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    defaults.set(qn("w:val"), "-".join(LOCALES[lang]))


def _set_properties(document: Document, note: Note) -> None:
    properties, when = document.core_properties, note.made.replace(tzinfo=None)
    properties.title, properties.subject = clean_text(note.title), clean_text(note.evaluation)
    properties.author = properties.last_modified_by = clean_text(note.publisher)
    properties.language, properties.comments, properties.revision = "-".join(LOCALES[note.lang]), "", 1
    properties.created = properties.modified = when


def _strong(paragraph: Paragraph, text: str, colour: str = _INK) -> None:
    from docx.shared import RGBColor

    run = paragraph.add_run(clean_text(text))
    run.bold, run.font.color.rgb = True, RGBColor.from_string(colour)


def _quiet(paragraph: Paragraph, text: str) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(clean_text(text))
    run.font.size, run.font.color.rgb = Pt(9), RGBColor.from_string(_QUIET)


def _key(document: Document, lead: str, rest: str, doubt: str) -> None:
    paragraph = document.add_paragraph(style="List Number")
    paragraph.paragraph_format.keep_together = True
    _strong(paragraph, lead)
    if rest:
        paragraph.add_run(clean_text(rest if rest[0] in ".,;: \u00a0\u202f" else f" {rest}"))
    if doubt:
        paragraph.add_run().add_break()
        _quiet(paragraph, doubt)


def _picture(document: Document, picture: NotePicture) -> None:
    from docx.shared import Cm

    document.add_heading(clean_text(picture.title), 2)
    subtitle = document.add_paragraph(clean_text(picture.subtitle), style="Caption")
    subtitle.paragraph_format.keep_with_next = True
    width = min(_WIDTH, _WIDTH * picture.bitmap.width / 720)
    shape = document.add_picture(io.BytesIO(picture.bitmap.content), width=Cm(width))
    shape._inline.docPr.set("descr", clean_text(picture.alt))
    shape._inline.docPr.set("title", clean_text(picture.title))
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    lines = document.add_paragraph(style="Caption")
    for number, (label, text) in enumerate(picture.lines):
        if number:
            lines.add_run().add_break()
        lines.add_run(f"{label} ").bold = True
        lines.add_run(clean_text(text))


def _answers(document: Document, answers: tuple[Answer, ...], heads: tuple[str, str, str], title: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm

    table = document.add_table(rows=1, cols=len(heads), style="Table Grid")
    table.autofit = False
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), title)
    table._tbl.tblPr.append(caption)
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        _strong(cell.paragraphs[0], head)
        ground = OxmlElement("w:shd")
        ground.set(qn("w:val"), "clear")
        ground.set(qn("w:fill"), _GROUND)
        cell._tc.get_or_add_tcPr().append(ground)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    asked = ""
    for answer in answers:
        cells = table.add_row().cells
        if answer.question != asked:
            _strong(cells[0].paragraphs[0], asked := answer.question)
            cells[0].add_paragraph(clean_text(answer.criterion))
        else:
            cells[0].paragraphs[0].add_run(clean_text(answer.criterion))
        cells[1].paragraphs[0].add_run(clean_text(answer.rule))
        _strong(cells[2].paragraphs[0], answer.judgement, COLOURS[answer.css])
    for column, width in zip(table.columns, _COLUMNS, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, _COLUMNS, strict=True):
            cell.width = Cm(width)


def _list(document: Document, title: str, texts: tuple[str, ...]) -> None:
    if texts:
        document.add_heading(title, 1)
    for text in texts:
        document.add_paragraph(clean_text(text), style="List Bullet")
