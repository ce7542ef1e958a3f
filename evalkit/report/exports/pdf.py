"""Reports as PDF: one file for a territory, tagged, with bookmarks, running heads and page numbers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from evalkit.report.exports.browser import printing
from evalkit.report.exports.choice import Choice
from evalkit.report.exports.recorded import read_recorded, report_kind, territory_name
from evalkit.text import msg

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from evalkit.model.run import TaskRecord

_DATES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)")

_JOIN = """
([pages, kinds, look]) => {
  const marks = ["for", "headers", "aria-labelledby", "aria-describedby", "aria-controls"];
  const rename = (root, prefix) => {
    for (const el of root.querySelectorAll("*")) {
      if (el.id) el.id = prefix + el.id;
      for (const name of marks)
        if (el.hasAttribute(name))
          el.setAttribute(name, el.getAttribute(name).split(/\\s+/).map(id => prefix + id).join(" "));
      const link = el.getAttribute("href");
      if (link && link.startsWith("#")) el.setAttribute("href", "#" + prefix + link.slice(1));
    }
  };
  const name = (root, kind) => { const h1 = root.querySelector("h1"); if (kind && h1) h1.append(" – " + kind); };
  if (pages.length) name(document, kinds[0]);
  pages.forEach((text, number) => {
    const other = new DOMParser().parseFromString(text, "text/html");
    rename(other, "r" + (number + 2) + "-");
    name(other, kinds[number + 1]);
    const part = document.createElement("div");
    part.className = "next-report";
    for (const child of [...other.body.children])
      if (!child.matches(".skip, .synthetic")) part.append(document.adoptNode(child));
    document.body.append(part);
  });
  for (const link of document.querySelectorAll("a[href]"))
    if (!/^(#|https?:|mailto:)/.test(link.getAttribute("href"))) link.removeAttribute("href");
  document.head.append(Object.assign(document.createElement("style"), { textContent: look }));
}
"""
"""Puts the further reports of a territory behind the first, each under its own name, and takes off links to files, which would
write where this machine keeps them."""

_LOOK = """
*{font-variant-ligatures:none!important}
.next-report{break-before:page}
@page{margin:18mm 14mm 16mm;
@bottom-left{content:"%s";white-space:nowrap;font:7.5pt system-ui,sans-serif;color:#566070}
@bottom-right{content:counter(page) " / " counter(pages);font:7.5pt system-ui,sans-serif;color:#566070}}
@media print{body{font-family:"Liberation Sans",Arial,"Noto Sans",system-ui,sans-serif}}
"""
"""Ligatures would cut the tagged text in two; the rest is the foot of the pages."""


def pdf_documents(choice: Choice) -> Iterator[tuple[str, str, bytes]]:
    """Give (language, territory, PDF) of every territory of a choice, from one browser.

    The browser is driven from a thread of its own: it also prints where an event loop runs, as in a notebook.
    Raises `RunError` when there is no browser to print with.
    """
    documents = _documents(choice)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="printing") as thread:
        try:
            while (document := thread.submit(next, documents, None).result()) is not None:
                yield document
        finally:
            thread.submit(documents.close).result()


def _documents(choice: Choice) -> Generator[tuple[str, str, bytes]]:
    with printing() as open_context:
        for (lang, code), records in choice.by_territory().items():
            context = open_context()
            yield lang, code, _print(context, choice, records)
            context.close()


def _print(context: BrowserContext, choice: Choice, records: Sequence[TaskRecord]) -> bytes:
    first, *others = (choice.folder.report(record) for record in records)
    kinds = [report_kind(read_recorded(choice.folder, record)) for record in records] if others else []
    page = context.new_page()
    page.goto(first.absolute().as_uri())
    texts = [other.read_text(encoding="utf-8") for other in others]
    page.evaluate(_JOIN, [texts, kinds, _LOOK % _foot(choice, records[0])])
    content = page.pdf(format="A4", tagged=True, outline=True, prefer_css_page_size=True, print_background=True)
    return _dated(content, choice.finished)


def _foot(choice: Choice, record: TaskRecord) -> str:
    """Return what stands at the foot of every page: the territory, the run, the plan."""
    name = territory_name(choice.folder, record)
    plan = choice.manifest.plan_sha256[:8]
    run = msg("run {run}, plan {plan}", run=choice.manifest.run, plan=plan).render(record.lang)
    return _css(f"{name} ({record.territory}) · {run}")


def _css(text: str) -> str:
    """Return a text for a CSS string: whatever is not a letter or a digit by its number."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)


def _dated(content: bytes, when: datetime.datetime) -> bytes:
    """Write the end of the run in the place of the time of printing: equal runs give equal bytes with the same browser."""
    return _DATES.sub(lambda found: b"/%s (D:%s+00'00')" % (found[1], f"{when:%Y%m%d%H%M%S}".encode()), content)
