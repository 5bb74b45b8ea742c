"""`make sizes`: where modules and functions outgrew the guide (median under 90 lines, split near 300 and 40)."""

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "accounts", "matching", "campaigns")


def main() -> None:
    modules: dict[str, int] = {}
    functions: dict[str, int] = {}
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            name, text = str(path.relative_to(ROOT)), path.read_text()
            if "migrations" in path.parts or not text.strip():
                continue
            modules[name] = len(text.splitlines())
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    functions[f"{name}:{node.lineno} {node.name}"] = (node.end_lineno or node.lineno) - node.lineno + 1
    for title, sizes, limit in (("modules", modules, 300), ("functions", functions, 40)):
        print(f"{len(sizes)} {title}, median {median(sizes.values()):.0f} lines; over {limit}:")
        for name, lines in sorted(sizes.items(), key=lambda item: -item[1]):
            if lines > limit:
                print(f"  {lines:4} {name}")


if __name__ == "__main__":
    main()
