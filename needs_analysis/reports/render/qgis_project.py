"""A project of QGIS beside its GeoPackage: the layers in their styles, and sheets ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from needs_analysis.reports.render.qgis import HEAD, VERSION, Style, element, key_of, styled
from needs_analysis.reports.render.qgis_layout import Extent, Printed, reference, sheet
from needs_analysis.writing.archive import StillZip

MEMBER = "project.qgs"


@dataclass(frozen=True)
class Project:
    """What a project of QGIS holds.

    Parameters
    ----------
    printed : Printed
        The words of its sheets.
    data : str
        The GeoPackage, by its name beside the project.
    layer : str
        The layer that the styles are of.
    styles : sequence of Style
        A layer of the project each, under its group; the first is the one that is seen.
    others : mapping of str to Style
        Further layers of polygons, by their name in the GeoPackage.
    tables : mapping of str to str
        Tables without geometry: by name, what they are called.
    tables_group : str
        The heading of the tables.
    extent : (float, float, float, float)
        West, south, east, north of the area, in metres.
    """

    printed: Printed
    data: str
    layer: str
    styles: Sequence[Style]
    others: Mapping[str, Style]
    tables: Mapping[str, str]
    tables_group: str
    extent: Extent


def write_project(project: Project, path: Path) -> None:
    """Write a project (``.qgz``) that names its data by a path beside it: the same, in the same bytes.

    Parameters
    ----------
    project : Project
        What it holds.
    path : Path
        The file.
    """
    root = element(None, "qgis", version=VERSION, projectname=project.printed.title)
    element(root, "homePath", path="")
    element(root, "title", project.printed.title)
    reference(element(root, "projectCrs"))
    _tree(project, root)
    _canvas(project, root)
    layers = element(root, "projectlayers")
    for style in project.styles:
        _polygons(project, project.layer, style, layers)
    for name, style in project.others.items():
        _polygons(project, name, style, layers)
    for name, said in project.tables.items():
        _table(project, name, said, layers)
    _properties(root)
    _themes(project, root)
    _about(project, root)
    layouts = element(root, "Layouts")
    for size in ("A4", "A3"):
        sheet(layouts, size, project.printed, project.extent, project.styles[0].title)
    ElementTree.indent(root, " ")
    text = HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"
    with StillZip(path, "w") as archive:
        archive.writestr(MEMBER, text)


# ---- layers -------------------------------------------------------------------------------------


def _id(layer: str, style: Style | None = None) -> str:
    # QGIS 3.22 gives a layer with a key of under ten letters another at every opening.
    return f"{layer}_{style.column}" if style else f"{layer}_table_layer"


def _source(project: Project, layer: str) -> str:
    return f"./{project.data}|layername={layer}"


def _polygons(project: Project, layer: str, style: Style, parent: Element) -> None:
    made = element(
        parent, "maplayer", type="vector", geometry="Polygon", wkbType="MultiPolygon",
        labelsEnabled=int(bool(style.text)), styleCategories="AllStyleCategories",
        simplifyDrawingHints=1, simplifyDrawingTol=1, simplifyMaxScale=1, simplifyLocal=1,
        hasScaleBasedVisibilityFlag=0,
    )  # fmt: skip
    _named(made, project, layer, style.title, style)
    reference(element(made, "srs"))
    styled(style, made)
    element(made, "legend", type="default-vector", showLabelLegend=0)


def _table(project: Project, layer: str, said: str, parent: Element) -> None:
    made = element(parent, "maplayer", type="vector", geometry="No geometry", wkbType="NoGeometry",
                   styleCategories="AllStyleCategories", hasScaleBasedVisibilityFlag=0)  # fmt: skip
    _named(made, project, layer, said, None)


def _named(made: Element, project: Project, layer: str, title: str, style: Style | None) -> None:
    element(made, "id", _id(layer, style))
    element(made, "datasource", _source(project, layer))
    element(made, "layername", title)
    element(made, "provider", "ogr", encoding="UTF-8")
    manager = element(made, "map-layer-style-manager", current="default")
    element(manager, "map-layer-style", name="default")
    metadata = element(made, "resourceMetadata")
    element(metadata, "type", "dataset")
    element(metadata, "title", title)
    if style:
        element(metadata, "abstract", style.abstract)
        element(metadata, "rights", style.source)
        element(made, "attribution", style.source)


def _tree(project: Project, root: Element) -> None:
    """Write the layers under their headings: the first is seen, all headings are switched on."""
    tree = element(root, "layer-tree-group")
    element(tree, "customproperties")
    groups: dict[str, Element] = {}
    first = project.styles[0]
    for style in project.styles:
        _leaf(_group(tree, groups, style.group, style.group == first.group), project, project.layer,
              style.title, style, style is first)  # fmt: skip
    for name, style in project.others.items():
        _leaf(_group(tree, groups, style.group, False), project, name, style.title, style, False)
    for name, said in project.tables.items():
        _leaf(_group(tree, groups, project.tables_group, False), project, name, said, None, True)


def _group(tree: Element, groups: dict[str, Element], name: str, expanded: bool) -> Element:
    if name not in groups:
        groups[name] = element(tree, "layer-tree-group", name=name, checked="Qt::Checked",
                               expanded=int(expanded))  # fmt: skip
        _unsaid(groups[name])
    return groups[name]


def _unsaid(node: Element) -> None:
    """Leave a heading out of printed legends: the sheet says it above the map."""
    held = element(element(node, "customproperties"), "Option", type="Map")
    element(held, "Option", name="legend/title-style", type="QString", value="hidden")


def _leaf(
    group: Element, project: Project, layer: str, title: str, style: Style | None, seen: bool
) -> None:
    leaf = element(group, "layer-tree-layer", id=_id(layer, style), name=title, providerKey="ogr",
                   source=_source(project, layer), expanded=int(seen),
                   checked="Qt::Checked" if seen else "Qt::Unchecked")  # fmt: skip
    _unsaid(leaf)


def _themes(project: Project, root: Element) -> None:
    """Write a view of the map for each layer, under its name: what a sheet is told to follow."""
    presets = element(root, "visibility-presets")
    for style in project.styles:
        view = element(presets, "visibility-preset", name=style.title)
        element(view, "layer", id=_id(project.layer, style), visible=1, style="default", expanded=1)


# ---- what the project is ------------------------------------------------------------------------


def _canvas(project: Project, root: Element) -> None:
    """Write where the map opens, as old and new versions read it."""
    canvas = element(root, "mapcanvas", name="theMapCanvas", annotationsVisible=1)
    element(canvas, "units", "meters")
    sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), project.extent, strict=True))
    extent = element(canvas, "extent")
    for side, value in sides.items():
        element(extent, side, str(value))
    reference(element(canvas, "destinationsrs"))
    view = element(root, "ProjectViewSettings", UseProjectScales=0)
    element(view, "Scales")
    reference(element(view, "DefaultViewExtent", **sides))


def _properties(root: Element) -> None:
    properties = element(root, "properties")
    element(element(properties, "Paths"), "Absolute", "false", type="bool")
    systems = element(properties, "SpatialRefSys")
    element(systems, "ProjectionsEnabled", "1", type="int")


def _about(project: Project, root: Element) -> None:
    about = element(root, "projectMetadata")
    element(about, "identifier", key_of(project.printed.title))
    element(about, "title", project.printed.title)
    element(about, "abstract", "\n".join(filter(None, [project.printed.warning, project.printed.note,
                                                       project.printed.made])))  # fmt: skip
    element(about, "author", project.printed.author)
