"""What pyproject.toml cannot say: all that the package's folders hold, and two folders beside it."""

from setuptools import find_namespace_packages, setup

BESIDE = {f"needs_analysis.{folder}": folder for folder in ("datasets", "maps")}
BESIDE["needs_analysis.datasets.national"] = "datasets/national"

setup(
    packages=[*find_namespace_packages(include=["needs_analysis", "needs_analysis.*"]), *BESIDE],
    package_dir=BESIDE,
    package_data={"": ["*"]},
    exclude_package_data={"": ["*.pyc"], "needs_analysis.maps": ["*.html"]},
)
