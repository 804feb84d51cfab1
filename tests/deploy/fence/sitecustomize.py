"""Python's own hook at every start: hides the packages that an image would not hold."""

import json
import os
import sys
from importlib import metadata
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

PINNED = set(json.loads(os.environ["FENCE_PACKAGES"]))
OWNERS = {
    name: {one.lower().replace("_", "-") for one in distributions}
    for name, distributions in metadata.packages_distributions().items()
    if name not in {"libs", "services", "saduak"}
}


class Fence(MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        owners = OWNERS.get(fullname.split(".", maxsplit=1)[0])
        if owners is not None and not owners & PINNED:
            raise ModuleNotFoundError(f"{fullname} is not in this image", name=fullname)
        return None


def of_pinned(name: str) -> metadata.Distribution:
    if name.lower().replace("_", "-") not in PINNED:
        raise metadata.PackageNotFoundError(name)
    return known(name)


sys.meta_path.insert(0, Fence())
known, metadata.distribution = metadata.distribution, of_pinned
