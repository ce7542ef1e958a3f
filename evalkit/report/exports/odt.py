"""The note as an OpenDocument text: the same parts, words and order as the Word file."""

from __future__ import annotations

import io
from html import escape

from evalkit.report.exports.note import Answer, Note, NotePicture
from evalkit.report.exports.notewords import COLOURS, NoteWords, words
from evalkit.report.exports.odtstyles import CONTENT_STYLES, MASTER, STYLES
from evalkit.report.exports.opendocument import LOCALES, clean_text, open_new, set_looks, set_part, xml_text
from evalkit.report.exports.writing import same_bytes

_WIDTH = 12.0  # cm: the note is to fit on two pages
_PICTURE = "Pictures/figure.png"


def odt_bytes(note: Note) -> bytes:
    """Return the note as an `.odt` file; equal notes give equal bytes."""
    from odfdo import Element

    document = open_new(
        "text", title=note.title, subject=note.evaluation, author=note.publisher, lang=note.lang, made=note.made
    )
    language, country = LOCALES[note.lang]
    footer = f"{xml_text(f'{note.title} · {note.run} · ')}"
    styles = STYLES.format(language=language, country=country, colours=_colours(), footer=footer, master=MASTER)
    set_part(document, "styles.xml", styles.encode())
    set_looks(document, CONTENT_STYLES)
    document.body.clear()
    for part in _parts(note, words(note)):
        document.body.append(Element.from_tag(part))
    if note.picture:
        set_part(document, _PICTURE, note.picture.bitmap.content)
        document.manifest.add_full_path(_PICTURE, "image/png")
    content = io.BytesIO()
    document.save(content)
    return same_bytes(content.getvalue(), note.made)


def _colours() -> str:
    return "".join(
        f'<style:style style:name="judgement-{css}" style:family="text">'
        f'<style:text-properties fo:font-weight="bold" fo:color="#{colour}"/></style:style>'
        for css, colour in COLOURS.items()
    )


def _parts(note: Note, said: NoteWords) -> list[str]:
    parts = [_paragraph("Title", xml_text(note.title)), _paragraph("Subtitle", xml_text(note.evaluation))]
    if note.caution:
        parts.append(_paragraph("Standard", _span("judgement-worse", note.caution)))
    if note.facts:
        parts.append(_paragraph("Standard", xml_text(" · ".join(f"{label} {value}" for label, value in note.facts))))
    parts += [_heading(1, said.keys), _keys(note)]
    if note.more:
        parts.append(_paragraph("Standard", xml_text(note.more)))
    if note.picture:
        parts += _picture(note.picture)
    if note.answers:
        parts += [_heading(1, said.answers), _answers(note.answers, said)]
    lists = ((said.recommendations, note.recommendations), (said.limits, note.limits), (said.sources, note.sources))
    for title, texts in lists:
        if texts:
            items = "".join(
                f"<text:list-item>{_paragraph('List_20_Bullet', xml_text(text))}</text:list-item>" for text in texts
            )
            parts += [_heading(1, title), f'<text:list text:style-name="bullets">{items}</text:list>']
    return [*parts, _paragraph("Caption", xml_text(note.origin))]


def _paragraph(style: str, content: str) -> str:
    return f'<text:p text:style-name="{style}">{content}</text:p>'


def _heading(level: int, text: str) -> str:
    return f'<text:h text:style-name="Heading_20_{level}" text:outline-level="{level}">{xml_text(text)}</text:h>'


def _span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{xml_text(text)}</text:span>'


def _keys(note: Note) -> str:
    items = []
    for key in note.keys:
        rest = key.rest if not key.rest or key.rest[0] in ".,;: \u00a0\u202f" else f" {key.rest}"
        doubt = f"<text:line-break/>{_span('quiet', key.doubt)}" if key.doubt else ""
        text = f"{_span('strong', key.lead)}{xml_text(rest)}{doubt}"
        items.append(f"<text:list-item>{_paragraph('List_20_Number', text)}</text:list-item>")
    return f'<text:list text:style-name="numbers">{"".join(items)}</text:list>'


def _picture(picture: NotePicture) -> list[str]:
    width = min(_WIDTH, _WIDTH * picture.bitmap.width / 720)
    height = width * picture.bitmap.height / picture.bitmap.width
    frame = (
        f'<draw:frame draw:name="figure" draw:style-name="figure" text:anchor-type="as-char" svg:width="{width:.2f}cm"'
        f' svg:height="{height:.2f}cm"><draw:image xlink:href="{_PICTURE}" xlink:type="simple" xlink:show="embed"'
        f' xlink:actuate="onLoad"/><svg:title>{xml_text(picture.title)}</svg:title>'
        f"<svg:desc>{xml_text(picture.alt)}</svg:desc></draw:frame>"
    )
    lines = "<text:line-break/>".join(f"{_span('label', label)} {xml_text(text)}" for label, text in picture.lines)
    return [
        _heading(2, picture.title),
        _paragraph("Caption_20_Above", xml_text(picture.subtitle)),
        _paragraph("Figure", frame),
        _paragraph("Caption", lines),
    ]


def _answers(answers: tuple[Answer, ...], said: NoteWords) -> str:
    columns = "".join(f'<table:table-column table:style-name="answers.{letter}"/>' for letter in "ABC")
    heads = "".join(_cell(_paragraph("Table_20_Heading", xml_text(head)), "head") for head in said.heads)
    rows, asked = [], ""
    for answer in answers:
        question = _paragraph("Table_20_Contents", _span("strong", answer.question)) if answer.question != asked else ""
        asked = answer.question
        cells = (
            question + _paragraph("Table_20_Contents", xml_text(answer.criterion)),
            _paragraph("Table_20_Contents", xml_text(answer.rule)),
            _paragraph("Table_20_Contents", _span(f"judgement-{answer.css}", answer.judgement)),
        )
        rows.append(
            f'<table:table-row table:style-name="whole">{"".join(_cell(cell, "cell") for cell in cells)}</table:table-row>'
        )
    name = escape(clean_text(said.answers))
    return (
        f'<table:table table:name="{name}" table:style-name="answers">{columns}<table:table-header-rows>'
        f"<table:table-row>{heads}</table:table-row></table:table-header-rows>{''.join(rows)}</table:table>"
    )


def _cell(content: str, style: str) -> str:
    return (
        f'<table:table-cell table:style-name="answers.{style}" office:value-type="string">{content}</table:table-cell>'
    )
