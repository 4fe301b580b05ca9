from __future__ import annotations

from pathlib import Path

import pytest

from needs_analysis.services.files.pseudonyms import create_key


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_key(tmp_path_factory.mktemp("keys") / "chiave")
