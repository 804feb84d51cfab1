"""Python's own hook at every start: hides the packages that an image would not hold."""

import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import packages_distributions

PINNED = set(json.loads(os.environ["FENCE_PACKAGES"]))
OWNERS = {
    name: {one.lower().replace("_", "-") for one in distributions}
    for name, distributions in packages_distributions().items()
    if name not in {"libs", "services", "saduak"}
}


class Fence(MetaPathFinder):
    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        owners = OWNERS.get(fullname.split(".", maxsplit=1)[0])
        if owners is not None and not owners & PINNED:
            raise ModuleNotFoundError(f"{fullname} is not in this image", name=fullname)
        return None


sys.meta_path.insert(0, Fence())
