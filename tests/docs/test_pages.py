"""The documentation says what the code does: generated pages are current, nothing public is left out, links lead somewhere."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from evalkit.model.finding import FINDING_COLUMNS, VERDICTS
from evalkit.model.observation import STATUSES
from evalkit.model.run import DONE, TASK_STATES
from evalkit.notebook.charting import Charts
from evalkit.notebook.evaluation import Evaluation

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "runs").glob("*.md"), *(ROOT / "data").glob("*.md")])


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    """The tool that writes the generated pages."""
    spec = importlib.util.spec_from_file_location("reference_pages", ROOT / "tools" / "reference_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["reference_pages"] = module
    spec.loader.exec_module(module)
    return module


def text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["cli.md", "errors.md", "datasets.md", "indicators.md", "indicateurs.md"])
def test_a_generated_page_is_current(reference, name):
    assert text("docs", "reference", name) == reference.pages()[name], "run `make docs`"


def test_the_check_of_the_tool_counts_stale_pages(reference, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reference, "FOLDER", tmp_path / "reference")
    monkeypatch.setattr(reference, "computed_pages", dict)
    monkeypatch.setattr(reference, "pages", lambda: {"a.md": "x\n", "b.md": "y\n"})
    assert reference.main(["--check"]) == 2
    assert list((tmp_path / "reference").iterdir()) == []
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    assert capsys.readouterr().out.splitlines() == ["docs/reference/a.md", "docs/reference/b.md"] * 2


def test_every_command_has_its_heading_its_options_and_an_example(reference):
    page = text("docs", "reference", "cli.md")
    sections = dict(re.findall(r"^## (evalkit .*?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    found = {" ".join(words): command for words, command in reference.commands()}
    assert set(sections) == set(found)
    for words, command in found.items():
        assert f"Example: `{words}" in sections[words], words
        for item in command.params:
            name = item.opts[0] if item.opts[0].startswith("-") else item.metavar
            assert name == "--help" or re.search(rf"^\| `{re.escape(name)}[ `]", sections[words], re.MULTILINE), (
                words,
                name,
            )
            assert item.help, f"{words} {name} has no help"


def test_every_problem_code_has_its_heading(reference):
    headings = re.findall(r"^### (EVK-\S+)$", text("docs", "reference", "errors.md"), re.MULTILINE)
    assert sorted(headings) == sorted(reference.load_codes())


def test_markdown_shows_a_problem_as_it_is(reference):
    assert reference._prose("state 'a_b: <reason>' in `x_y` or {{c}}") == r"state 'a\_b: \<reason>' in `x_y` or {c}"


def rows(page: str, title: str) -> set[str]:
    """First cells of the tables of a section."""
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section is not None, title
    return set(re.findall(r"^\| `([^`]+)` \|", section[1], re.MULTILINE))


def test_every_finding_column_and_task_state_is_explained():
    page = text("docs", "reference", "run-folder.md")
    assert rows(page, "Findings") == set(FINDING_COLUMNS)
    assert rows(page, "Task states") == set(TASK_STATES)
    published = re.findall(r"^\| `(\w+)` \|.*\| yes \|$", page, re.MULTILINE)
    assert set(published) == DONE
    assert all(f"`{word}`" in page for word in (*VERDICTS, *STATUSES))


def test_the_shape_of_runs_show_is_that_of_the_command():
    example = re.search(r"```json\n(.*?)```", text("docs", "reference", "run-folder.md"), re.DOTALL)
    assert example is not None
    shape = json.loads(example[1])
    source = inspect.getsource(importlib.import_module("evalkit.cli.runs"))
    assert all(f'"{name}"' in source for name in (*shape, *shape["tasks"][0]))
    assert set(shape["counts"]) <= set(TASK_STATES)


def public_names(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.mark.parametrize(("kind", "prefix"), [(Evaluation, "ev."), (Charts, "ev.charts.")], ids=["ev", "charts"])
def test_every_name_of_the_facade_is_in_the_analysts_guide(kind, prefix):
    page = text("docs", "guides", "analyst.md")
    listed = set(re.findall(rf"^\| `{re.escape(prefix)}(\w+)[(`]", page, re.MULTILINE))
    attributes = {"plan", "territory", "language", "reference_period"} if kind is Evaluation else set()
    assert listed == public_names(kind) | attributes


def test_every_room_is_in_the_table_of_the_architecture():
    package = ROOT / "evalkit"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")} | {"errors"}
    listed = re.findall(r"^\| `(\w+)` \|", text("docs", "architecture.md"), re.MULTILINE)
    assert set(listed) == rooms
    settings = tomllib.loads(text("pyproject.toml"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    at = {room: number for number, layer in enumerate(reversed(layers)) for room in layer.replace(" ", "").split("|")}
    assert [at[room] for room in listed] == sorted(at[room] for room in listed), "from the ground up"


def test_every_mime_type_of_the_two_doors_is_in_the_architecture():
    recording = importlib.import_module("evalkit.notebook.recording")
    kinds = {value for value in vars(recording).values() if isinstance(value, str) and value.startswith("application/")}
    assert kinds == set(re.findall(r"`(application/vnd[^`]+)`", text("docs", "architecture.md")))


def test_the_plan_of_the_evaluators_guide_is_accepted(tmp_path):
    from evalkit.notebook.templates import list_templates
    from evalkit.plan import check_plan

    block = re.search(r"```yaml\n(.*?)```", text("docs", "guides", "evaluator.md"), re.DOTALL)
    assert block is not None
    file = tmp_path / "evaluation.yaml"
    file.write_text(block[1], encoding="utf-8")
    plan, problems = check_plan(file, None, templates=list_templates(file))
    assert [problem.render("en") for problem in problems] == []
    assert plan is not None


def anchors(page: Path) -> set[str]:
    """The anchors of a page: its own, and those that its headings are given."""
    body = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", body, re.MULTILINE)
    given = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return given | set(re.findall(r'<a id="([^"]+)">', body))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    body = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", body):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_of_the_project_that_a_page_names_exists(page):
    named = re.findall(r"`((?:evalkit|tools|tests|examples|notebooks)/[\w./-]+)`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_names_a_path_of_a_machine(page):
    assert not re.search(r"(?<![\w.])/(?:work|tmp|root|home)\b", page.read_text(encoding="utf-8"))


def test_every_page_of_the_docs_can_be_reached_from_the_readme():
    linked = set()
    todo = [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in linked or page.suffix != ".md":
            continue
        linked.add(page)
        found = re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8"))
        todo += [
            target
            for link in found
            if not re.match("[a-z]+:", link) and (target := (page.parent / link).resolve()).is_file()
        ]
    assert [page.relative_to(ROOT).as_posix() for page in DOCS.rglob("*.md") if page not in linked] == []


@pytest.mark.parametrize("name", ["README.fr.md", "docs/guides/relecteur.md"])
def test_french_pages_follow_french_typography(name):
    prose = re.sub(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", "", text(name), flags=re.DOTALL)
    assert re.findall(r".{0,20}(?: [:;!?»%]|« |\w'\w).{0,20}", prose) == []


def test_every_decision_has_its_four_parts():
    for page in (DOCS / "decisions").glob("0*.md"):
        body = page.read_text(encoding="utf-8")
        assert re.match(rf"# {page.name[:3]} ", body), page.name
        assert re.findall(r"^\*\*(\w+)\.\*\*", body, re.MULTILINE) == ["Context", "Decision", "Why", "Consequences"], (
            page.name
        )


def test_the_pictures_of_the_readme_are_small():
    for name in ("report", "portfolio"):
        assert (DOCS / "images" / f"{name}.png").stat().st_size <= 300_000, name


PROGRAMS = {"jupyterlab", "cryptography"}  # run, or asked for by Dask's encryption: not imported
COME_WITH = {"jupyter_client": "nbclient", "IPython": "ipykernel", "packaging": "dask", "traitlets": "nbclient"}
IMPORT_NAMES = {"pyyaml": "yaml", "python-calamine": "python_calamine", "python-docx": "docx"}


def test_dependencies_are_those_that_are_imported():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    named = {re.split(r"[<>=]", line)[0] for line in project["dependencies"]}
    extras = {re.split(r"[<>=]", line)[0] for lines in project["optional-dependencies"].values() for line in lines}
    modules = {IMPORT_NAMES.get(name, name) for name in named - PROGRAMS}
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "evalkit").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", code, re.MULTILINE))
    known = sys.stdlib_module_names | {"evalkit", "pydantic_core"} | set(COME_WITH) | extras
    assert modules - imported == set(), "named but not imported"
    assert imported - modules - known == set(), "imported but not named"
    assert set(COME_WITH.values()) <= named
    decision = text("docs", "decisions", "001-dependencies.md")
    assert [
        name
        for name in named
        if f"`{name}`" not in decision
        and name not in {"jupyterlab", "papermill", "nbconvert", "pandas", "statsmodels", "matplotlib"}
    ] == []
