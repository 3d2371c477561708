"""Makes generated/earthengine_rest from openapi/image_export.yaml; `--check` compares instead.

The package is the output of openapi-python-client and of nothing else, but for three things that it does not
write: a header that says what the package was made from, the list of unions, and the marker `py.typed`. And
each model imports the others that it holds once, not in each call, which is half the time of reading a reply.
"""

import argparse
import difflib
import hashlib
import importlib.metadata
import os
import pprint
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from openapi_python_client.strings import PythonIdentifier

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "openapi" / "image_export.yaml"
SETTINGS = ROOT / "openapi" / "generator.yml"
TEMPLATES = ROOT / "openapi" / "templates"
PACKAGE = ROOT / "generated" / "earthengine_rest"


def generate(spec: Path, package: Path) -> None:
    """Generates the package of a spec into a folder that does not exist yet."""
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta=none"]
    command += [f"--path={spec}", f"--config={SETTINGS}", f"--output-path={package}"]
    command.append(f"--custom-template-path={TEMPLATES}")
    # The hooks call `ruff` by its name: let it be the pinned one, which is beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = os.environ | {"PATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"The spec does not generate:\n{done.stdout}{done.stderr}")

    digest = hashlib.sha256(spec.read_bytes()).hexdigest()
    version = importlib.metadata.version("openapi-python-client")
    init = package / "__init__.py"
    init.write_text(
        "# Made by `make generate`; never edited.\n"
        f"# spec: {spec.name}, sha256 {digest}\n"
        f"# generator: openapi-python-client {version}\n" + init.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    unions = {
        schema: {
            union: tuple(str(PythonIdentifier(field, prefix="field_")) for field in fields)
            for union, fields in groups.items()
        }
        for schema, groups in yaml.safe_load(spec.read_text(encoding="utf-8"))["x-unions"].items()
    }
    (package / "unions.py").write_text(
        '"""The unions of the API: class, name of the union, the attributes of which one may be set."""\n\n'
        f"UNIONS: dict[str, dict[str, tuple[str, ...]]] = {pprint.pformat(unions, sort_dicts=False)}\n",
        encoding="utf-8",
    )
    (package / "py.typed").touch()
    for module in (package / "models").glob("[!_]*.py"):
        module.write_text(importing_once(module.read_text(encoding="utf-8")), encoding="utf-8")


def importing_once(source: str) -> str:
    """Returns a model's module whose functions share the imports that the generator writes into each."""
    imports = sorted(set(re.findall(r"^ +(from \.\.models\.\w+ import \w+)  # noqa: PLC0415$", source, re.M)))
    if not imports:
        return source
    names = [line.split()[-1] for line in imports]
    source = re.sub(
        r"(^ +from \.\.models\.\w+ import \w+  # noqa: PLC0415\n)+", "        _import()\n", source, flags=re.M
    )
    source = source.replace("from typing", "from functools import cache\nfrom typing", 1)
    body = "".join(f"    {line}  # noqa: PLC0415\n" for line in imports)
    given = ", ".join(f"{name}={name}" for name in names)
    return f"{source}\n\n@cache\ndef _import() -> None:\n{body}\n    globals().update({given})\n"


def differences(old: Path, new: Path) -> list[str]:
    """Returns the unified diff of two folders of text files, byte-code left out."""
    names = {path.relative_to(top) for top in (old, new) for path in top.rglob("*") if path.is_file()}
    lines: list[str] = []
    for name in sorted(name for name in names if "__pycache__" not in name.parts):
        before, after = (
            file.read_text(encoding="utf-8").splitlines() if file.exists() else ["(no such file)"]
            for file in (old / name, new / name)
        )
        lines += difflib.unified_diff(before, after, f"committed {name}", f"generated {name}", lineterm="")
    return lines


def main() -> None:
    """Generates and swaps the folder in, or compares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where the committed package differs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE.name
        generate(SPEC, fresh)
        if not arguments.check:
            shutil.rmtree(PACKAGE, ignore_errors=True)
            shutil.copytree(fresh, PACKAGE)
        elif lines := differences(PACKAGE, fresh):
            print("\n".join(lines))
            sys.exit("generated/ is not what the spec generates: run `make generate` and commit the result.")


if __name__ == "__main__":
    main()
