"""The styles of the note in OpenDocument: those that a reader's program lists by name, and its page with a footer."""

from __future__ import annotations


def _style(
    name: str, text: str, paragraph: str = "", *, parent: str = "Standard", outline: int = 0, next: str = ""
) -> str:
    shown = name.replace("_20_", " ")
    level = f' style:default-outline-level="{outline}"' if outline else ""
    following = f' style:next-style-name="{next}"' if next else ""
    above = f' style:parent-style-name="{parent}"' if name != "Standard" else ""
    return (
        f'<style:style style:name="{name}" style:display-name="{shown}" style:family="paragraph"{above}{following}{level}>'
        f"<style:paragraph-properties {paragraph}/><style:text-properties {text}/></style:style>"
    )


_BOLD = 'fo:font-weight="bold" fo:color="#174a8b"'
_QUIET = 'fo:color="#566070"'
_PARAGRAPHS = (
    _style("Standard", 'fo:font-size="9.5pt" fo:color="#1a2029"', 'fo:margin-bottom="3pt" fo:line-height="110%"'),
    _style("Title", f'fo:font-size="17pt" {_BOLD}', 'fo:margin-bottom="0pt"'),
    _style("Subtitle", f'fo:font-size="10.5pt" {_QUIET}', 'fo:margin-bottom="4pt"'),
    _style(
        "Heading_20_1", f'fo:font-size="12pt" {_BOLD}',
        'fo:margin-top="8pt" fo:margin-bottom="3pt" fo:keep-with-next="always"', outline=1, next="Standard",
    ),
    _style(
        "Heading_20_2", f'fo:font-size="10pt" {_BOLD}',
        'fo:margin-top="6pt" fo:margin-bottom="2pt" fo:keep-with-next="always"', outline=2, next="Standard",
    ),
    _style("Caption", f'fo:font-size="8.5pt" {_QUIET}'),
    _style("Caption_20_Above", "", 'fo:keep-with-next="always"', parent="Caption"),
    _style("Figure", "", 'fo:keep-with-next="always" fo:margin-bottom="2pt"'),
    _style("List_20_Number", "", 'fo:keep-together="always"'),
    _style("List_20_Bullet", ""),
    _style("Table_20_Contents", 'fo:font-size="9pt"', 'fo:margin-bottom="1pt"'),
    _style("Table_20_Heading", 'fo:font-weight="bold"', parent="Table_20_Contents"),
    _style("Footer", "", parent="Caption"),
)  # fmt: skip
_TEXTS = (
    '<style:style style:name="strong" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="label" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="quiet" style:family="text">'
    '<style:text-properties fo:font-size="9pt" fo:color="#566070"/></style:style>'
)
_POSITION = (
    '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment"><style:list-level-label-alignment'
    ' text:label-followed-by="listtab" text:list-tab-stop-position="0.6cm" fo:text-indent="-0.6cm" fo:margin-left="0.6cm"/>'
    "</style:list-level-properties>"
)
_LISTS = (
    '<text:list-style style:name="numbers"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix=".">'
    f"{_POSITION}</text:list-level-style-number></text:list-style>"
    '<text:list-style style:name="bullets"><text:list-level-style-bullet text:level="1" text:bullet-char="•">'
    f"{_POSITION}</text:list-level-style-bullet></text:list-style>"
)
_CELL = 'fo:padding="0.08cm" fo:border="0.5pt solid #566070"'
CONTENT_STYLES = (
    '<style:style style:name="answers" style:family="table"><style:table-properties style:width="17.4cm" table:align="left"/>'
    "</style:style>"
    + "".join(
        f'<style:style style:name="answers.{letter}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        for letter, width in (("A", 5.6), ("B", 8.0), ("C", 3.8))
    )
    + '<style:style style:name="whole" style:family="table-row"><style:table-row-properties fo:keep-together="always"/></style:style>'
    f'<style:style style:name="answers.cell" style:family="table-cell"><style:table-cell-properties {_CELL}/></style:style>'
    '<style:style style:name="answers.head" style:family="table-cell"><style:table-cell-properties'
    f' {_CELL} fo:background-color="#e6ebf2"/></style:style>'
    '<style:style style:name="figure" style:family="graphic"><style:graphic-properties style:vertical-pos="top"'
    ' style:vertical-rel="baseline"/></style:style>'
)
"""The looks of the table and of the figure: those of `content.xml`, which readers apply to tables."""
_SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in (
        ("office", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"),
        ("style", "urn:oasis:names:tc:opendocument:xmlns:style:1.0"),
        ("text", "urn:oasis:names:tc:opendocument:xmlns:text:1.0"),
        ("table", "urn:oasis:names:tc:opendocument:xmlns:table:1.0"),
        ("fo", "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"),
        ("svg", "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"),
    )
)
MASTER = '<text:page-number text:select-page="current">1</text:page-number> / <text:page-count>1</text:page-count>'
STYLES = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-styles {_SPACES} office:version="1.4">'
    '<office:font-face-decls><style:font-face style:name="Arial" svg:font-family="Arial"'
    ' style:font-family-generic="swiss"/></office:font-face-decls><office:styles>'
    '<style:default-style style:family="paragraph"><style:text-properties style:font-name="Arial" fo:font-size="10pt"'
    ' fo:language="{language}" fo:country="{country}"/></style:default-style>'
    f"{''.join(_PARAGRAPHS)}{_TEXTS}{{colours}}{_LISTS}</office:styles>"
    '<office:automatic-styles><style:page-layout style:name="page"><style:page-layout-properties fo:page-width="21cm"'
    ' fo:page-height="29.7cm" fo:margin-top="1.8cm" fo:margin-bottom="1.2cm" fo:margin-left="1.8cm" fo:margin-right="1.8cm"/>'
    '<style:footer-style><style:header-footer-properties fo:min-height="0.8cm" fo:margin-top="0.3cm"/></style:footer-style>'
    "</style:page-layout></office:automatic-styles>"
    '<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="page"><style:footer>'
    '<text:p text:style-name="Footer">{footer}{master}</text:p></style:footer></style:master-page></office:master-styles>'
    "</office:document-styles>"
)
"""The `styles.xml` of a note; `language`, `country`, `colours`, `footer` and `master` are filled in."""
