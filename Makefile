# What a desk needs, in one word each. `make` alone lists the words.
#
#   make briefing AREA="comune:Rho" OUT=rho      PYTHON=/path/to/python3.12 chooses the interpreter

AREA ?= provincia:Monza e della Brianza
OUT ?=
export AREA OUT

# The system's certificates: an office network may have an authority of its own.
export UV_SYSTEM_CERTS := true
# uv where there is one, plain pip otherwise; `make UV= ...` asks for pip.
UV ?= $(shell uv --version >/dev/null 2>&1 && echo uv)
PYTHON ?=
PY := .venv/bin/python
COMPILE = uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help briefing test quick desk soak newest solvers words lint style types examples bench docs notebook lock wheel pictures clean

help:
	@echo 'make briefing   the briefing of an area:  make briefing AREA="comune:Rho"  [OUT=folder]'
	@echo 'make notebook   open the notebooks in JupyterLab'
	@echo 'make test       run the tests'
	@echo 'make quick      the tests that tell most in under a minute'
	@echo 'make desk       what is handed out, opened by QGIS, PostGIS and LibreOffice where they are'
	@echo 'make soak       the tests that take long, in their large sizes'
	@echo 'make newest     quick tests with the newest dependencies, without the lock (.venv-newest)'
	@echo 'make solvers    HiGHS beside models of others and what is printed, under the version locked and the newest'
	@echo 'make words      the words to translate, into needs_analysis/locale'
	@echo 'make lint       style, types, layers, words extracted, examples in docstrings'
	@echo 'make bench      time and memory of the commands, and of the map beside its peer'
	@echo 'make docs       the site of the docs, into site/: links checked, nothing asked of the network'
	@echo 'make lock       pin the dependencies again (needs uv; UPGRADE=1 takes new versions)'
	@echo 'make wheel      sdist and wheel into dist/: before a release, from a fresh clone'
	@echo 'make pictures   take the pictures of README and the example map again (Chromium, LibreOffice)'
	@echo 'make clean      remove .venv and what was computed there'

briefing: .venv/.core
	@files=$$(.venv/bin/needs-analysis brief "$$AREA" $${OUT:+--out "$$OUT"}) || exit $$?; \
	first=$$(printf '%s\n' "$$files" | grep 'index\.html$$'); \
	folder=$$(cd "$$(dirname "$$first")" && pwd); \
	echo; echo "Cartella: $$folder"; \
	echo '  index.html       il documento: aprire questo per primo'; \
	echo '  briefing.docx    lo stesso documento per Word; briefing.pdf: in PDF accessibile'; \
	echo '  map.html         la mappa interattiva'; \
	echo '  tables.xlsx      le tabelle'; \
	test ! -d "$$folder/schede" || echo '  schede           una scheda di due pagine per comune'; \
	echo '  data.gpkg        gli stessi dati per QGIS (data.parquet: per pandas e R)'; \
	echo '  project.qgz      il progetto QGIS: mappe colorate e tavole A4 e A3 da stampare'; \
	echo '  provenance.json  fonti, date, parametri; study.toml: per rifare lo studio'; \
	echo "Aprire: $$folder/index.html"

# A worker a core; above four they would build more panels than they save time.
PARALLEL = --numprocesses logical --maxprocesses 4
QUICK = -m 'not slow and not browser and not whole and not desk'
# Compiled tests are kept whatever the desk says: they are half of the time before the first one runs.
unexport PYTHONDONTWRITEBYTECODE

test: .venv/.test
	$(PY) -P -m pytest $(PARALLEL) $(if $(WITHOUT),-m 'not $(WITHOUT)')

desk: .venv/.test
	$(PY) -P -m pytest $(PARALLEL) -m desk

quick: .venv/.test
	$(PY) -P -m pytest $(PARALLEL) $(QUICK)

soak: .venv/.test
	$(PY) -P -m pytest $(PARALLEL) -m 'slow or whole' --soak

# What `pip install` gives: the newest versions within the ranges of pyproject.toml.
newest: $(PY)
	$(PY) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	.venv-newest/bin/python -P -m pytest $(PARALLEL) $(QUICK)

# A desk without network skips a version, and says so.
solvers: .venv/.test
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	for highspy in highspy==1.15.1 highspy; do \
	  $(if $(UV),$(UV) pip install --python $(PY),$(PY) -m pip install --disable-pip-version-check) \
	    --quiet --no-deps --target "$$folder/$$highspy" "$$highspy" || \
	    { [ "$$CI" != true ] || exit 1; echo "Skipped: $$highspy cannot be fetched." >&2; continue; }; \
	  PYTHONPATH="$$folder/$$highspy" $(PY) -P -m pytest --quiet tests/test_solving.py || exit 1; \
	done

# The words to translate, from where they are said; what has no translation yet stays empty in the catalogues.
LOCALE = needs_analysis/locale
EXTRACT = --quiet extract --mapping-file pyproject.toml --no-default-keywords --keywords N_ --keywords NN_:1,2 --keywords say --keywords plural:1,2 --keywords in_context:1c,2 --no-location --sort-output --omit-header --no-wrap

words: .venv/.test
	.venv/bin/pybabel $(EXTRACT) -o $(LOCALE)/needs_analysis.pot .
	.venv/bin/pybabel --quiet update -i $(LOCALE)/needs_analysis.pot -d $(LOCALE) -D needs_analysis \
	  --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date --no-wrap

lint: style types examples

style: .venv/.test
	@said=$$(mktemp) && trap 'rm -f "$$said"' EXIT && \
	! .venv/bin/pybabel $(EXTRACT) -o "$$said" . 2>&1 | grep -i warning && \
	diff "$$said" $(LOCALE)/needs_analysis.pot >/dev/null || \
	{ echo 'The words are not those extracted, or Babel warns: make words' >&2; exit 1; }
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports

types: .venv/.test
	$(PY) -m mypy

# Over the figures that ship, whatever files of one's own the desk keeps.
examples: .venv/.test
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	NEEDS_ANALYSIS_DATA="$$folder" $(PY) -P -m pytest $(PARALLEL) --doctest-modules needs_analysis

bench: .venv/.bench
	$(PY) benchmarks/brief.py
	$(PY) benchmarks/panel.py
	$(PY) benchmarks/map_italy.py
	$(PY) benchmarks/composite.py
	$(PY) benchmarks/methods.py
	$(PY) benchmarks/growth.py
	$(PY) benchmarks/services.py
	$(PY) benchmarks/households.py
	$(PY) benchmarks/policies.py
	$(PY) benchmarks/atlas.py 12
	$(PY) benchmarks/cluster.py 6
	$(PY) benchmarks/needs.py
	$(PY) benchmarks/names.py
	$(PY) benchmarks/sections.py

notebook: .venv/.notebooks
	$(PY) -m jupyterlab notebooks

# mkdocs-material says at each build which program its makers write next.
docs: .venv/.docs
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet
	@echo "Aprire: $(CURDIR)/site/index.html"

lock:
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --extra test --output-file requirements-test.lock
	$(COMPILE) --constraint requirements.lock --extra notebooks --output-file requirements-notebooks.lock
	$(COMPILE) --constraint requirements.lock --extra bench --output-file requirements-bench.lock
	$(COMPILE) --constraint requirements.lock --extra docs --output-file requirements-docs.lock
	@if grep -n '://' requirements*.lock; then echo 'A lock names an address.' >&2; exit 1; fi

# What an earlier build left would go into the wheel.
wheel: .venv/.core
	rm -rf build dist
	$(PY) -c 'from setuptools import build_meta as make; make.build_sdist("dist"); make.build_wheel("dist")'
	@ls dist

pictures: .venv/.core
	.venv/bin/needs-analysis map 'ambito:Carate Brianza' --quiet --out maps/esempio_carate_brianza.html
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	.venv/bin/needs-analysis brief 'provincia:Monza e della Brianza' --quiet --out "$$folder/mb" && \
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,800 \
	  --screenshot="$$folder/map.png" "file://$$folder/mb/map.html" 2>/dev/null && \
	soffice --headless --convert-to pdf --outdir "$$folder" "$$folder/mb/tables.xlsx" >/dev/null && \
	pdftoppm -r 110 -f 1 -l 1 -H 680 -W 1250 -x 0 -y 0 -png -singlefile "$$folder/tables.pdf" "$$folder/workbook" && \
	for name in map workbook; do $(PY) -c 'import sys; from PIL import Image; \
	  Image.open(sys.argv[1]).convert("RGB").quantize(64).save(sys.argv[2], optimize=True)' \
	  "$$folder/$$name.png" "docs/img/$$name.png" || exit 1; done; ls -l docs/img maps/*.html

clean:
	rm -rf .venv .venv-newest build needs_analysis.egg-info

# One environment; a stamp for each lock that stands in it. All locks agree on what they share.
.venv/.core: requirements.lock pyproject.toml | $(PY)
.venv/.test: requirements-test.lock pyproject.toml | $(PY)
.venv/.notebooks: requirements-notebooks.lock pyproject.toml | $(PY)
.venv/.bench: requirements-bench.lock pyproject.toml | $(PY)
.venv/.docs: requirements-docs.lock pyproject.toml | $(PY)
.venv/.core .venv/.test .venv/.notebooks .venv/.bench .venv/.docs:
ifneq ($(UV),)
	$(UV) pip install --quiet --python $(PY) --require-hashes --compile-bytecode -r $<
	$(UV) pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .
else
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --default-pip
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endif
	@$(PY) -m compileall -q needs_analysis
	@touch $@ .venv/.core

# The first interpreter that answers and is new enough; a name on PATH may be an empty shim.
$(PY):
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.11 python3.12 python3.13 python3.14 python3 python); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "Python: $$("$$python" -c 'import sys; print(sys.executable, sys.version.split()[0])')"; \
	  if [ -n "$(UV)" ]; then \
	    $(UV) venv --quiet --python "$$("$$python" -c 'import sys; print(sys.executable)')" .venv; \
	  else \
	    "$$python" -m venv .venv || { rm -rf .venv; \
	      echo 'This Python makes no environments: install its venv package (Debian: apt install python3-venv).' >&2; exit 1; }; \
	  fi; exit $$?; \
	done; \
	echo "needs-analysis asks for Python 3.11 or newer; found: $$(python3 --version 2>&1 || echo none)." >&2; \
	echo 'Install it, or name it: make briefing PYTHON=/path/to/python3.12' >&2; exit 1
