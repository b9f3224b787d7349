"""`fener flow graph ID`: the picture of a flow, for Mermaid, for Graphviz, or as SVG."""

import argparse
import sys
from pathlib import Path
from typing import Final

from bot.cli.check import as_text
from bot.content.files import ContentFiles
from bot.content.flow_folder import read_flows
from bot.flow.drawing import svg
from bot.flow.graph import dot, mermaid
from bot.flow.nearest import nearest, one_of
from bot.settings import read_settings

FINE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2

_FORMATS: Final = {"mermaid": mermaid, "dot": dot, "svg": svg}


def add(parser: argparse.ArgumentParser) -> None:
    """The subcommands of `fener flow`."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    graph = actions.add_parser("graph", help="print the picture of a flow")
    graph.add_argument("id", metavar="ID", help="the flow, as its file in flows/ is named")
    graph.add_argument(
        "--format",
        choices=list(_FORMATS),
        default="mermaid",
        help="mermaid (default), dot for Graphviz, or svg, which any browser shows",
    )
    graph.add_argument("--content", metavar="DIR", help="folder holding flows/ (default: FENER_CONTENT_DIR)")


def run(args: argparse.Namespace) -> int:
    """Print the picture; 0 fine, 1 the flow has errors, 2 there is no such flow. Other flows may have errors."""
    root = Path(args.content) if args.content else read_settings().content_dir
    folder, problems = read_flows(files := ContentFiles(root))
    drafts = {draft.flow.id: draft.flow for draft in folder.drafts}
    path = f"flows/{args.id}.yaml"
    errors = [
        one for one in (*problems, *files.problems) if one.severity == "error" and one.mark.file == path
    ]
    if errors:
        print("".join(as_text(one) for one in errors), end="", file=sys.stderr)
        return FAULTY
    if args.id not in drafts:
        near = nearest(args.id, drafts)
        known = one_of([near]) if near else one_of(sorted(drafts)) or "no flows"
        print(
            f"fener flow graph: there is no flow '{args.id}' in {root / 'flows'}; write {known}.",
            file=sys.stderr,
        )
        return USAGE
    print(_FORMATS[args.format](drafts[args.id], folder.shared), end="")
    return FINE
