"""Run by the Python of QGIS: open a project off screen, count each class, print each sheet.

qgis_desk.py PROJECT FOLDER writes the sheets as PNG into the folder and what was found as JSON on
standard output.
"""

import json
import os
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayoutExporter,
    QgsProject,
    QgsRenderContext,
    QgsVectorLayer,
)


def classes(layer):
    """Return how many features each class of a layer has, and which have none or several."""
    renderer = layer.renderer().clone()
    context = QgsRenderContext()
    context.setExpressionContext(
        QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    )
    renderer.startRender(context, layer.fields())
    keys = {one.ruleKey(): one.label() for one in renderer.legendSymbolItems()}
    counts = dict.fromkeys(keys.values(), 0)
    odd = 0
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        found = [one for one in renderer.legendKeysForFeature(feature, context) if one in keys]
        odd += len(found) != 1
        for key in found:
            counts[keys[key]] += 1
    renderer.stopRender(context)
    colours = [one.symbol().color().name() for one in renderer.legendSymbolItems()]
    return {"counts": counts, "odd": odd, "colours": colours}


def main(path, folder):
    """Open, count, print."""
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject.instance()
    said = {"read": project.read(path), "crs": project.crs().authid(), "title": project.title()}
    said["layers"] = {
        layer.id(): {
            "name": layer.name(),
            "valid": layer.isValid(),
            "features": layer.featureCount(),
            "abstract": layer.metadata().abstract(),
            "crs": layer.crs().authid(),
            **(classes(layer) if layer.isSpatial() else {}),
        }
        for layer in project.mapLayers().values()
    }
    root = project.layerTreeRoot()
    said["groups"] = [one.name() for one in root.findGroups()]
    said["seen"] = [one.name() for one in root.checkedLayers() if one]
    said["themes"] = sorted(project.mapThemeCollection().mapThemes())
    data = Path(path).with_name("data.gpkg")
    fresh = QgsVectorLayer(f"{data}|layername=municipalities", "fresh", "ogr")
    _, _, names, _, _ = fresh.listStylesInDatabase()
    said["default"] = classes(fresh)
    said["stored"] = names
    said["aliases"] = {one.name(): one.alias() for one in fresh.fields() if one.alias()}
    said["sheets"] = {}
    for layout in project.layoutManager().printLayouts():
        to = Path(folder) / f"{layout.name()}.png"
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 100
        result = QgsLayoutExporter(layout).exportToImage(str(to), settings)
        texts = {
            one.id(): one.currentText() for one in layout.items() if hasattr(one, "currentText")
        }
        size = layout.pageCollection().page(0).pageSize()
        said["sheets"][layout.name()] = {
            "result": int(result),
            "texts": texts,
            "size": [size.width(), size.height()],
        }
    print(json.dumps(said), flush=True)
    del application
    os._exit(0)  # what QGIS takes down in the wrong order is no matter of the project's


main(*sys.argv[1:])
